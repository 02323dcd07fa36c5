//! What people are told together with a code.

use app::CodeMessage;
use domain::{Language, OTP_TIME, OtpPurpose};

/// What the code is for.
fn purpose(message: &CodeMessage) -> &'static str {
    match (message.language, message.purpose) {
        (Language::English, OtpPurpose::RegisterPhone | OtpPurpose::RegisterEmail) => "to register",
        (Language::English, OtpPurpose::SignIn) => "to sign in",
        (Language::English, OtpPurpose::ConfirmEmail) => "to confirm your e-mail address",
        (Language::English, OtpPurpose::ResetPassword) => "to set a new password",
        (Language::Arabic, OtpPurpose::RegisterPhone | OtpPurpose::RegisterEmail) => "للتسجيل",
        (Language::Arabic, OtpPurpose::SignIn) => "لتسجيل الدخول",
        (Language::Arabic, OtpPurpose::ConfirmEmail) => "لتأكيد بريدك الإلكتروني",
        (Language::Arabic, OtpPurpose::ResetPassword) => "لتعيين كلمة مرور جديدة",
    }
}

/// The message.
pub(super) fn body(message: &CodeMessage) -> String {
    let (code, tenant, purpose) = (&message.code, &message.tenant_name, purpose(message));
    let minutes = OTP_TIME.as_secs() / 60;
    match message.language {
        Language::English => format!(
            "{code} is your code {purpose} at {tenant}. It is valid for {minutes} minutes. Give it to nobody; if you did \
             not ask for it, ignore this message."
        ),
        Language::Arabic => format!(
            "{code} هو رمزك {purpose} لدى {tenant}. الرمز صالح لمدة {minutes} دقائق. لا تعطه لأحد، وإذا لم تطلبه فتجاهل هذه \
             الرسالة."
        ),
    }
}

/// The subject of an e-mail: without the code, which would show on a locked screen.
pub(super) fn subject(language: Language) -> &'static str {
    match language {
        Language::English => "Your verification code",
        Language::Arabic => "رمز التحقق الخاص بك",
    }
}
