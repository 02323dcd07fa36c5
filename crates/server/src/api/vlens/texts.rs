//! What each code says, in English and Arabic. The English texts up to 7008 are the vendor's.

use domain::Language;

/// Code, English, Arabic; by code.
const TEXTS: [(u16, &str, &str); 76] = [
    (400, "Make sure all the required parameters are included.", "تأكد من إدخال جميع المعلومات المطلوبة."),
    (
        401,
        "Make sure you are using the correct credentials and try again.",
        "تأكد من استخدام بيانات الاعتماد الصحيحة ثم حاول مرة أخرى.",
    ),
    (
        403,
        "Generate and include a valid access token and try again.",
        "أنشئ رمز وصول صالحًا وأرفقه بالطلب ثم حاول مرة أخرى.",
    ),
    (404, "There is no such service.", "هذه الخدمة غير موجودة."),
    (405, "This service does not answer that method.", "هذه الخدمة لا تدعم طريقة الطلب المستخدمة."),
    (408, "The request was not received in time. Try again.", "لم يصل الطلب في الوقت المحدد. حاول مرة أخرى."),
    (413, "The request is too large.", "حجم الطلب أكبر من المسموح به."),
    (415, "Please re-check your image format.", "يرجى التحقق من صيغة الصورة."),
    (
        422,
        "Check the custom error code returned in the response.",
        "راجع رمز الخطأ الوارد في الاستجابة لمعرفة السبب.",
    ),
    (429, "Too many requests. Try again later.", "عدد الطلبات أكبر من المسموح به. حاول مرة أخرى لاحقًا."),
    (
        500,
        "Well-formed request received, but an unexpected error has occurred. Try again later.",
        "استُلم الطلب بصيغة صحيحة، لكن حدث خطأ غير متوقع. حاول مرة أخرى لاحقًا.",
    ),
    (503, "The service is busy. Try again later.", "الخدمة مشغولة حاليًا. حاول مرة أخرى لاحقًا."),
    (
        504,
        "There was no answer in time. Try again later.",
        "لم تكتمل الاستجابة في الوقت المحدد. حاول مرة أخرى لاحقًا.",
    ),
    (
        1001,
        "Invalid date of birth format or non-existent date.",
        "صيغة تاريخ الميلاد غير صحيحة أو التاريخ غير موجود.",
    ),
    (1050, "Image quality too low for OCR extraction", "جودة الصورة منخفضة ولا تسمح بقراءة البيانات."),
    (3001, DOCUMENT, DOCUMENT_AR),
    (3002, DOCUMENT, DOCUMENT_AR),
    (3003, DOCUMENT, DOCUMENT_AR),
    (3004, DOCUMENT, DOCUMENT_AR),
    (3005, DOCUMENT, DOCUMENT_AR),
    (3006, DOCUMENT, DOCUMENT_AR),
    (3007, DATES, DATES_AR),
    (3008, DATES, DATES_AR),
    (3009, DATES, DATES_AR),
    (
        3010,
        "Make sure the expiry date of the submitted document has not passed.",
        "تأكد من أن تاريخ صلاحية المستند المقدم لم ينتهِ.",
    ),
    (3011, DOCUMENT, DOCUMENT_AR),
    (3013, DOCUMENT, DOCUMENT_AR),
    (
        3014,
        "The system could not detect a face in the ID image.",
        "لم يتمكن النظام من العثور على وجه في صورة البطاقة.",
    ),
    (
        3101,
        "ID number in ID front and back documents are not matched.",
        "رقم البطاقة غير متطابق بين وجهي البطاقة الأمامي والخلفي.",
    ),
    (
        3102,
        "Name in ID front and car license documents are not matched.",
        "الاسم غير متطابق بين الوجه الأمامي للبطاقة ورخصة السيارة.",
    ),
    (
        3103,
        "The name does not match the name on the document.",
        "الاسم المُدخل لا يطابق الاسم الموجود في المستند.",
    ),
    (4001, "Please re-enter your bundle key correctly.", "يرجى إعادة إدخال مفتاح الباقة بشكل صحيح."),
    (4002, "Please recharge your bundle and try again.", "يرجى إعادة شحن باقتك ثم المحاولة مرة أخرى."),
    (
        4003,
        "Number of trials exceeded the limit. Try again later.",
        "تجاوز عدد المحاولات الحد المسموح به. حاول مرة أخرى لاحقًا.",
    ),
    (
        4004,
        "Make sure the service being called is registered in your bundle.",
        "تأكد من أن الخدمة المطلوبة مدرجة في باقتك.",
    ),
    (
        4005,
        "The bundle has been disabled, please contact the server admin for re-activation.",
        "تم تعطيل الباقة، يرجى التواصل مع مسؤول الخادم لإعادة تفعيلها.",
    ),
    (4006, "You are not subscribed to any bundle.", "أنت غير مشترك في أي باقة."),
    (
        4007,
        "Your subscription is expired, please renew your subscription.",
        "انتهى اشتراكك، يرجى تجديد الاشتراك.",
    ),
    (
        4101,
        "The image does not seem to show a live person. Please try again.",
        "لا يبدو أن الصورة تُظهر شخصًا حيًا أمام الكاميرا. حاول مرة أخرى.",
    ),
    (4102, "The images of the face must not be identical.", "يجب ألا تكون صور الوجه متطابقة."),
    (4103, "All images of the face must show the same person.", "يجب أن تُظهر جميع صور الوجه الشخص نفسه."),
    (
        4104,
        "The face does not match the portrait on the document.",
        "الوجه لا يطابق الصورة الموجودة في المستند.",
    ),
    (
        4110,
        "The authority cannot be reached now. Try again later.",
        "تعذر الوصول إلى الجهة المختصة الآن. حاول مرة أخرى لاحقًا.",
    ),
    (
        4111,
        "The authority knows people by their phone number. Sign in, then link this transaction.",
        "الجهة المختصة تتحقق من الشخص برقم هاتفه. سجّل الدخول ثم اربط هذه العملية بحسابك.",
    ),
    (4112, "The authority does not know the ID number.", "رقم البطاقة غير مسجل لدى الجهة المختصة."),
    (
        4113,
        "The authority knows the ID number under another name.",
        "رقم البطاقة مسجل لدى الجهة المختصة باسم آخر.",
    ),
    (
        4114,
        "The phone number is not registered to the holder of the ID.",
        "رقم الهاتف غير مسجل باسم صاحب البطاقة.",
    ),
    (
        4115,
        "The authority does not confirm the holder of the ID.",
        "لم تؤكد الجهة المختصة بيانات صاحب البطاقة.",
    ),
    (
        4206,
        "Please make sure to have only one face in the image.",
        "يرجى التأكد من وجود وجه واحد فقط في الصورة.",
    ),
    (4207, "No Face detected", "لم يتم العثور على وجه"),
    (4208, "Please make sure that there is a face in the image.", "يرجى التأكد من وجود وجه في الصورة."),
    (4209, RECAPTURE, RECAPTURE_AR),
    (4210, RECAPTURE, RECAPTURE_AR),
    (5000, "Something went wrong, please contact support", "حدث خطأ ما، يرجى التواصل مع الدعم الفني"),
    (5001, "Please enter a supported document.", "يرجى تقديم مستند من المستندات المدعومة."),
    (
        5002,
        "Make sure each provided image does not exceed the 5MB limit.",
        "تأكد من أن حجم كل صورة لا يتجاوز 5 ميجابايت.",
    ),
    (
        5003,
        "Make sure each provided image does not exceed the 25 Million pixel limit.",
        "تأكد من أن كل صورة لا تتجاوز 25 مليون بكسل.",
    ),
    (
        5004,
        "Check the Transaction ID/token sent in the request.",
        "تحقق من معرّف العملية أو الرمز المرسل في الطلب.",
    ),
    (5005, "please make sure you're capturing a real document", "يرجى التأكد من أنك تصوّر مستندًا حقيقيًا"),
    (
        5006,
        "Please recapture image and make sure it is focused",
        "يرجى إعادة التقاط الصورة والتأكد من وضوحها",
    ),
    (
        5007,
        "Document is supported but wrong end point was called",
        "المستند مدعوم، لكن تم استدعاء الخدمة غير المناسبة له",
    ),
    (
        5008,
        "There was an issue assigning data to the correct fields.",
        "حدثت مشكلة أثناء إسناد البيانات إلى الحقول الصحيحة.",
    ),
    (
        6001,
        "The code is not correct, was used or has expired. Ask for a new one.",
        "الرمز غير صحيح أو سبق استخدامه أو انتهت صلاحيته. اطلب رمزًا جديدًا.",
    ),
    (6002, "There is an account with this phone number already.", "يوجد حساب مسجل برقم الهاتف هذا بالفعل."),
    (
        6003,
        "There is an account with this email address already.",
        "يوجد حساب مسجل بهذا البريد الإلكتروني بالفعل.",
    ),
    (6004, "The password must have 8 to 128 characters.", "يجب أن تتكون كلمة المرور من 8 إلى 128 حرفًا."),
    (6005, "Verify the phone number with a code first.", "يرجى التحقق من رقم الهاتف برمز أولًا."),
    (6006, "Signing in with another provider is not available.", "تسجيل الدخول عبر مزود آخر غير متاح."),
    (
        7000,
        "A general error occurred while processing multiple cards.",
        "حدث خطأ عام أثناء معالجة عدة بطاقات.",
    ),
    (
        7001,
        "A general error occurred while processing the front side of the ID card.",
        "حدث خطأ عام أثناء معالجة الوجه الأمامي للبطاقة الشخصية.",
    ),
    (
        7002,
        "A general error occurred while processing the back side of the ID card.",
        "حدث خطأ عام أثناء معالجة الوجه الخلفي للبطاقة الشخصية.",
    ),
    (
        7003,
        "A general error occurred while processing the back side of the car license.",
        "حدث خطأ عام أثناء معالجة الوجه الخلفي لرخصة السيارة.",
    ),
    (
        7004,
        "A general error occurred while processing the front side of the car license.",
        "حدث خطأ عام أثناء معالجة الوجه الأمامي لرخصة السيارة.",
    ),
    (
        7005,
        "A general error occurred while processing the driving license.",
        "حدث خطأ عام أثناء معالجة رخصة القيادة.",
    ),
    (7006, "A general error occurred while processing the passport.", "حدث خطأ عام أثناء معالجة جواز السفر."),
    (7008, "A general error occurred while matching the face image.", "حدث خطأ عام أثناء مطابقة صورة الوجه."),
];

const DOCUMENT: &str =
    "Error, Please make sure the document is in a good lighting condition and well focused.";
const DOCUMENT_AR: &str = "خطأ، يرجى التأكد من أن المستند في إضاءة جيدة وأن الصورة واضحة.";
const DATES: &str = "Make sure dates in the ID are in correct format.";
const DATES_AR: &str = "تأكد من أن التواريخ في البطاقة مكتوبة بالصيغة الصحيحة.";
const RECAPTURE: &str = "Please recapture your face and ensure the capture is clear.";
const RECAPTURE_AR: &str = "يرجى إعادة التقاط صورة وجهك والتأكد من وضوحها.";

/// What a code says; what 5000 says, for a code that has no text.
pub(super) fn text(code: u16, language: Language) -> &'static str {
    let found = TEXTS.binary_search_by_key(&code, |(code, _, _)| *code).ok().map(|index| TEXTS[index]);
    match (found, language) {
        (Some((_, english, _)), Language::English) => english,
        (Some((_, _, arabic)), Language::Arabic) => arabic,
        (None, language) => text(5000, language),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_its_text_in_both_languages() {
        assert!(TEXTS.windows(2).all(|pair| pair[0].0 < pair[1].0), "sorted, for the search");
        for (code, english, arabic) in TEXTS {
            let is_arabic = |letter: char| ('\u{600}'..='\u{6ff}').contains(&letter);
            assert!(english.is_ascii() && english.len() > 10, "{code}");
            assert!(arabic.chars().filter(|letter| is_arabic(*letter)).count() > 10, "{code}");
            assert!(!arabic.chars().any(|letter| letter.is_ascii_alphabetic()), "{code}");
        }
        assert_eq!(text(1, Language::English), "Something went wrong, please contact support");
    }
}
