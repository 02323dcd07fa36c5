# Texts of the hosted pages, in Arabic. The English file has the same messages.
#
# The server fills in consent-*, agree-*, closed-* and badge-*. All others are handed to the page's scripts as they stand: they
# have no selectors, and their only placeables are $seconds, $minutes, $left, $number, $total and $tenant.

## The text that consent is given to. Whoever changes a message of this group changes the version, in both files.

consent-version = 2026-11.3
consent-title = أثبت أنك حاضر
consent-who = تطلب منك جهة { $tenant } إجراء فحص قصير.
consent-why = يتحقق هذا الفحص من وجود شخص حي أمام الكاميرا، ولا يكشف عن هويتك.
consent-how = تنظر إلى الكاميرا نحو عشر ثوان، وتتابع ضوء الشاشة وتحرك رأسك.
consent-kept-title = ما الذي يُحفظ
consent-kept-none = تُحذف الصور فور الانتهاء من تقييمها.
consent-kept-days =
    { $days ->
        [zero] تُحذف الصور فور الانتهاء من تقييمها.
        [one] تُحفظ بعض صور الفحص مشفّرة يومًا واحدًا ثم تُحذف.
        [two] تُحفظ بعض صور الفحص مشفّرة يومين ثم تُحذف.
        [few] تُحفظ بعض صور الفحص مشفّرة { $days } أيام ثم تُحذف.
        [many] تُحفظ بعض صور الفحص مشفّرة { $days } يومًا ثم تُحذف.
       *[other] تُحفظ بعض صور الفحص مشفّرة { $days } يوم ثم تُحذف.
    }
consent-kept-numbers = ويُحفظ ما يلي دون مدة محددة، إلى أن تطلب جهة { $tenant } حذفه: النتيجة، وما طلبته منك الصفحة، وما قيس في الصور، وما يذكره المتصفح عن الكاميرا (اسمها وأبعادها ومعدلها)، وما إذا كان برنامج يقود المتصفح، ورقم تحقق لملف تعريف الارتباط الخاص بهذه الصفحة، وإجابتك في هذه الصفحة.
consent-preview = لا تُحفظ أي صورة مما تعرضه الكاميرا قبل أن تبدأ.
consent-preview-kept = مما تعرضه الكاميرا قبل أن تبدأ لا تُحفظ إلا صور آخر ثانية أو ثانيتين.
consent-more = المزيد عن هذا الفحص
consent-more-steps = ترى نفسك أولًا وتضبط موضع وجهك، ثم يجري الفحص نفسه، وبعد ذلك تظهر النتيجة هنا.
consent-more-automatic = يقيّم الصورَ برنامجٌ حاسوبي. وإذا لم يتمكن من الحكم فيمكنك المحاولة مرة أخرى: ثلاث محاولات في المجموع خلال عشر دقائق.
consent-more-repeats = يُحفظ لكل صورة من صور الفحص رقم تحقق مدة 90 يومًا، يُعرف به إن عُرض تسجيل سابق من جديد. ولا يمكن استرجاع الصورة من هذا الرقم.
consent-more-browser = يميّز ملف تعريف ارتباط هذا المتصفح من غيره مدة يوم. ويبقى رقم تحقق له مع النتيجة، ويُحفظ رقم تحقق لعنوان شبكتك يومًا على الأكثر، حتى لا يحاول أحد مرات أكثر مما ينبغي.
consent-more-free = لك أن ترفض بحرية. وعندئذ تبقى الكاميرا مغلقة، ولا تعلم جهة { $tenant } إلا أن الفحص لم يُجرَ.
consent-agree = أوافق، متابعة
consent-decline = أرفض
consent-failed = لم تصل إجابتك إلى الخادم. تحقق من الاتصال ثم اضغط الزر مرة أخرى.

## Around every page

page-title = فحص الحضور الحي
page-loading = يجري تحميل الفحص.
page-loading-help = إذا لم يحدث شيء خلال بضع ثوان، فافتح هذا الرابط في إصدار حديث من Chrome أو Edge أو Firefox أو Safari.
page-no-script = يحتاج هذا الفحص إلى JavaScript. اسمح به لهذا الموقع ثم أعد تحميل الصفحة.
page-demo = عرض تجريبي: لا قيمة لهذا الفحص.
page-language = English
page-again = إعادة المحاولة
page-back = رجوع
page-return = المتابعة إلى { $tenant }
page-return-soon = تنتقل تلقائيًا خلال (بالثواني): { $seconds }
page-stay = البقاء في هذه الصفحة
page-close = يمكنك إغلاق هذه الصفحة الآن.
page-wait = مدة الانتظار (بالدقائق): { $minutes }

## Declined

declined-title = لقد رفضت
declined-text = بقيت الكاميرا مغلقة ولم تُلتقط أي صورة. يمكنك إغلاق هذه الصفحة.
declined-back = قراءة السؤال مرة أخرى

## Before the camera

camera-title = تشغيل الكاميرا
camera-text = سيسألك المتصفح هل يُسمح لهذه الصفحة باستخدام الكاميرا. اختر «السماح».
camera-tip-light = اجلس بحيث يقع الضوء على وجهك لا خلفك.
camera-tip-face = انزع الكمامة أو النظارة الداكنة أو القبعة.
camera-tip-place = أمسك الجهاز على مستوى عينيك.
camera-path = كيف تفضّل إجراء الفحص؟
camera-path-flashes = بالضوء الملوّن
camera-path-flashes-text = تعرض الشاشة خمسة ألوان وتحرك رأسك مرتين. تتغير الألوان أقل من ثلاث مرات في الثانية.
camera-path-fades = دون ومضات
camera-path-fades-text = تظهر الألوان الخمسة نفسها ببطء، كل منها خلال ثانية، وتحرك رأسك مرتين.
camera-path-reduced = جهازك مضبوط على تقليل الحركة، ولذلك لا ومضات هنا: تظهر خمسة ألوان ببطء، كل منها خلال ثانية، وتحرك رأسك مرتين.
camera-open = تشغيل الكاميرا
camera-wait = في انتظار الكاميرا. إذا سألك المتصفح فاختر «السماح».

## Placing the face

live-title = ضع وجهك داخل الشكل البيضاوي
live-preview = ما تعرضه كاميرتك، كما في المرآة
live-connect = جارٍ الاتصال …
live-reconnect = انقطع الاتصال. جارٍ الاتصال من جديد …
live-start = ابدأ
live-countdown = يبدأ تلقائيًا بعد: { $seconds }
live-hold = عدم البدء تلقائيًا
live-brightness = ارفع سطوع الشاشة إلى أقصاه.
live-to-fades = المتابعة دون ومضات
live-to-fades-done = الفحص الآن دون ومضات.
live-left = المحاولات المتبقية: { $left }

guide-no_face = ضع وجهك داخل الشكل البيضاوي.
guide-several_faces = في الصورة أكثر من وجه. يُرجى أن تكون وحدك أمام الكاميرا.
guide-too_far = اقترب قليلًا.
guide-too_close = ابتعد قليلًا.
guide-too_dark = المكان مظلم. استدر نحو مصدر ضوء.
guide-too_bright = الضوء ساطع جدًا. استدر بعيدًا عن الضوء الساطع.
guide-not_centred = اجعل وجهك في وسط الشكل البيضاوي.
guide-look_straight = انظر مباشرة إلى الكاميرا.
guide-face_covered = جزء من وجهك مغطى. انزع الكمامة أو النظارة الداكنة أو القبعة.
guide-hold_still = اثبت لحظة من فضلك.
guide-good = جيد. يمكنك البدء.

## The challenge

challenge-title = اتبع ما تقوله الشاشة
challenge-text = أبقِ وجهك أمام الكاميرا.
challenge-colour = انظر إلى الشاشة وابقَ ثابتًا.
challenge-step = الخطوة { $number } من { $total }
challenge-stop = إيقاف
challenge-moved = جيد. انظر الآن مباشرة إلى الكاميرا من جديد.
move-turn_left = أدر رأسك ببطء إلى يسارك.
move-turn_right = أدر رأسك ببطء إلى يمينك.
move-look_up = ارفع ذقنك وانظر إلى أعلى.
move-look_down = اخفض ذقنك وانظر إلى أسفل.
move-come_closer = قرّب وجهك من الكاميرا.

## Judging

judging-title = لحظة من فضلك
judging-text = يجري تقييم الصور. يستغرق ذلك بضع ثوان.

## The end

passed-title = اكتمل الفحص
passed-text = تبيّن للفحص وجود شخص حي أمام الكاميرا.
failed-title = تعذّر إكمال الفحص
failed-text = لم يتمكن الفحص من التأكد من وجود شخص حي أمام الكاميرا، ولا يمكن تكراره بهذا الرابط.
failed-way = اطلب من { $tenant } رابطًا جديدًا أو طريقة أخرى.
expired-title = انتهى وقت هذا الفحص
expired-text = يبقى الفحص متاحًا عشر دقائق.
expired-way = اطلب من { $tenant } رابطًا جديدًا.
retry-title = يُرجى المحاولة مرة أخرى
retry-text = لم ينجح الأمر هذه المرة. قد يفيد ما يلي:

## Why an attempt did not work, and what to do

reason-no_face = لم يظهر أي وجه. أبقِ وجهك داخل الشكل البيضاوي حتى النهاية.
reason-several_faces = ظهر في الصورة أكثر من وجه. يُرجى أن تكون وحدك أمام الكاميرا.
reason-blurred = كانت الصورة غير واضحة. امسح العدسة، وثبّت الجهاز ورأسك.
reason-too_dark = كان المكان مظلمًا. استدر نحو مصباح أو نافذة.
reason-too_bright = كان الضوء ساطعًا جدًا. استدر بعيدًا عن الضوء الساطع.
reason-bad_exposure = لم تكن الإضاءة مناسبة. استدر بحيث يقع على وجهك ضوء متساوٍ.
reason-face_too_small = كان الوجه صغيرًا في الصورة. اقترب من الكاميرا.
reason-turned_away = كان الرأس ملتفتًا. انظر مباشرة إلى الكاميرا ما لم تطلب الصفحة حركة.
reason-eyes_closed = كانت العينان مغمضتين. أبقهما مفتوحتين وانظر إلى الشاشة.
reason-face_covered = كان جزء من الوجه مغطى. انزع الكمامة أو النظارة الداكنة أو القبعة.
reason-presentation = لم يتمكن الفحص من التأكد أن ما يراه وجه لا صورة وجه. استعن بضوء متساوٍ وخلفية هادئة، وأبعد الصور والشاشات الأخرى عن مجال الرؤية.
reason-colour = لم يظهر ضوء الشاشة على الوجه. ارفع السطوع واقترب، وتجنب ضوء الشمس والمصابيح الساطعة.
reason-movement = لم تظهر الحركة بوضوح. حرّك رأسك ببطء وبالقدر الكافي، ثم انظر مباشرة من جديد.
reason-jumps = قفزت الصورة فجأة. تحرك ببطء، واترك الكاميرا في مكانها.
reason-movement_too_early = جاءت الحركة قبل أن تُطلب. انتظر الجملة على الشاشة ثم تحرك ببطء.
reason-continuity = لم يكن الوجه ظاهرًا طوال الوقت. ابقَ أمام الكاميرا حتى النهاية.
reason-freshness = لم تصل الصور على النحو الذي ترسله الكاميرا. استخدم كاميرا هذا الجهاز، وأغلق البرامج الأخرى التي تستخدمها، واحرص على اتصال مستقر.
reason-other = لم يتمكن الفحص من الحكم. اجعل الضوء متساويًا على وجهك، واتبع الشاشة حتى النهاية.

## What can go wrong, and the way on

problem-unsupported-title = لا يمكن إجراء الفحص في هذا المتصفح
problem-unsupported-text = يحتاج الفحص إلى متصفح يستطيع استخدام الكاميرا وإرسال الصور.
problem-unsupported-way = افتح الرابط في إصدار حديث من Chrome أو Edge أو Firefox أو Safari. وإذا فتح هذه الصفحةَ تطبيقٌ ما، فاختر «الفتح في المتصفح» من قائمته.
problem-insecure-title = هذا الاتصال غير محمي
problem-insecure-text = لا تشغّل المتصفحات الكاميرا إلا في الصفحات المحمية.
problem-insecure-way = افتح العنوان مسبوقًا بـ https://
problem-no_camera-title = لم يُعثر على كاميرا
problem-no_camera-text = لا يتيح هذا الجهاز كاميرا للمتصفح.
problem-no_camera-way = وصّل كاميرا ثم أعد المحاولة، أو اطلب رابطًا جديدًا وافتحه على هاتف.
problem-permission-title = الكاميرا غير مسموح بها
problem-permission-text = يُبقي المتصفح الكاميرا مغلقة في هذه الصفحة.
problem-permission-way = للسماح بها، اضغط العلامة المجاورة لعنوان الصفحة (قفل أو كاميرا أو «aA»)، وافتح إعدادات هذا الموقع، واسمح بالكاميرا. وتحقق أيضًا من أن إعدادات الجهاز تسمح للمتصفح باستخدام الكاميرا. ثم أعد المحاولة.
problem-in_use-title = الكاميرا مشغولة
problem-in_use-text = يبدو أن برنامجًا آخر أو علامة تبويب أخرى تستخدم الكاميرا.
problem-in_use-way = أغلق برامج المكالمات والفيديو ثم أعد المحاولة.
problem-camera_lost-title = توقفت الكاميرا
problem-camera_lost-text = لم تعد تصل صور من الكاميرا.
problem-camera_lost-way = تحقق من أن الكاميرا موصولة ومسموح بها ثم أعد المحاولة.
problem-network-title = انقطع الاتصال
problem-network-text = لا يمكن الوصول إلى الخادم في الوقت الحالي.
problem-network-way = تحقق من اتصالك. وإذا كنت في منتصف الفحص، فستبدأ محاولة جديدة.
problem-blocked-title = تعذّر فتح الاتصال
problem-blocked-text = الخادم يستجيب، لكن الاتصال الخاص بالصور لا ينعقد. بعض الشبكات تحجبه.
problem-blocked-way = أعد المحاولة، أو استخدم شبكة أخرى، مثل شبكة هاتفك.
problem-too_slow-title = الاتصال بطيء جدًا
problem-too_slow-text = وصل إلى الخادم عدد قليل جدًا من الصور.
problem-too_slow-way = اقترب من جهاز الواي فاي أو استخدم شبكة أخرى، وأغلق البرامج الأخرى، ثم أعد المحاولة.
problem-face_lost-title = خرج الوجه من الصورة
problem-face_lost-text = انتهى الفحص لأنه لم يظهر أي وجه.
problem-face_lost-way = أبقِ وجهك أمام الكاميرا حتى النهاية، ثم أعد المحاولة.
problem-paused-title = توقف الفحص مؤقتًا
problem-paused-text = لم يبدأ منذ مدة، أو انتقلت الصفحة إلى الخلفية. الكاميرا مغلقة.
problem-paused-way = أعد المحاولة عندما تكون مستعدًا.
problem-stopped-title = توقّف الفحص
problem-stopped-text = أوقفت الفحص، والكاميرا مغلقة.
problem-stopped-way = يمكنك إعادة المحاولة أو إغلاق هذه الصفحة.
problem-technical-title = لم ينجح ذلك
problem-technical-text = حدث خلل أثناء إرسال الصور.
problem-technical-way = أعد المحاولة. وإذا تكرر الأمر فأعد تحميل الصفحة أو استخدم متصفحًا آخر.
problem-busy-title = الفحص مفتوح في مكان آخر
problem-busy-text = يجري هذا الفحص في علامة تبويب أو نافذة أخرى.
problem-busy-way = تابع هناك، أو أغلقها ثم أعد المحاولة هنا.
problem-full-title = الخادم مشغول
problem-full-text = يستخدم الفحصَ عدد كبير من الأشخاص في الوقت الحالي.
problem-full-way = انتظر دقيقة ثم أعد المحاولة.
problem-throttled-title = محاولات كثيرة في وقت قصير
problem-throttled-text = جرت محاولات كثيرة من هذا المتصفح أو من هذه الشبكة أو لهذا الشخص. يطلب الخادم التوقف مدة.
problem-throttled-way = أعد المحاولة لاحقًا. وإذا لم يعد هذا الرابط يعمل حينئذ، فاطلب من { $tenant } رابطًا جديدًا.
problem-other_browser-title = هذا الرابط مستخدم في متصفح آخر
problem-other_browser-text = يرتبط الفحص بمتصفح واحد، وهذا الفحص مرتبط بمتصفح آخر.
problem-other_browser-way = تابع حيث فُتح أو عُرض أول مرة، أو اطلب من { $tenant } رابطًا جديدًا.
problem-no_cookie-title = لا يحفظ هذا المتصفح ملفات تعريف الارتباط
problem-no_cookie-text = يحتاج الفحص إلى ملف تعريف ارتباط، حتى لا يتابعه شخص آخر.
problem-no_cookie-way = اسمح بملفات تعريف الارتباط لهذا الموقع ثم أعد تحميل الصفحة. وإذا كانت هذه الصفحة معروضة داخل صفحة أخرى، فافتح الرابط في علامة تبويب مستقلة.
problem-other_text-title = تغيّر نص هذه الصفحة
problem-other_text-text = كانت إجابتك عن نص غير النص المعتمد الآن.
problem-other_text-way = أعد تحميل الصفحة.
problem-unknown-title = هذا الرابط لا يعمل
problem-unknown-text = لا يعرف الخادم هذا الفحص.
problem-unknown-way = تحقق من نسخ العنوان كاملًا، أو اطلب من { $tenant } رابطًا جديدًا.

## Pages instead of the check

closed-unknown-title = هذا الرابط لا يعمل
closed-unknown-text = لا يعرف الخادم هذا الفحص.
closed-unknown-way = تحقق من نسخ العنوان كاملًا، أو اطلب رابطًا جديدًا ممن أرسله إليك.
closed-expired-title = انتهى وقت هذا الفحص
closed-expired-text = يبقى الفحص متاحًا عشر دقائق.
closed-expired-way = اطلب رابطًا جديدًا ممن أرسله إليك.
closed-used-title = انتهى هذا الفحص
closed-used-text = استُخدم هذا الرابط ولا يمكن استخدامه مرة أخرى.
closed-used-way = إذا كنت لا تزال بحاجة إلى فحص، فاطلب رابطًا جديدًا ممن أرسله إليك.
closed-other_browser-title = هذا الرابط مستخدم في متصفح آخر
closed-other_browser-text = يرتبط الفحص بمتصفح واحد، وهذا الفحص مرتبط بمتصفح آخر.
closed-other_browser-way = تابع حيث فُتح أو عُرض أول مرة، أو اطلب رابطًا جديدًا ممن أرسله إليك.
closed-full-title = الخادم مشغول
closed-full-text = يستخدم الفحصَ عدد كبير من الأشخاص في الوقت الحالي.
closed-full-way = انتظر دقيقة ثم أعد تحميل الصفحة.
closed-error-title = لم ينجح ذلك
closed-error-text = لم يتمكن الخادم من عرض هذا الفحص.
closed-error-way = أعد تحميل الصفحة بعد دقيقة.

## The badge

badge-title = شارة الحضور الحي
badge-valid = اجتاز الفحصَ شخص حي
badge-expired = انتهت صلاحية هذه الشارة
badge-revoked = سُحبت هذه الشارة
badge-demo = عرض تجريبي: لا تثبت هذه الشارة شيئًا
badge-demo-mark = تجريبي
badge-when = تاريخ الاجتياز
badge-who = أُجري الفحص لصالح
badge-until = صالحة حتى
badge-expired-on = تاريخ انتهاء الصلاحية
badge-revoked-on = تاريخ السحب
badge-id = الرقم
badge-proves-title = ما الذي تثبته
badge-proves = اجتاز شخص حي فحصًا أمام الكاميرا في ذلك اليوم.
badge-nothing = لا شيء: صدرت لأغراض التجربة.
badge-proves-not = لا تثبت أن من يعرض هذه الشارة هو ذلك الشخص، ولا تدل على اسم أو عمر أو هوية.
badge-no-longer = لم تعد هذه الشارة تثبت شيئًا.
badge-forms-title = للبرامج
badge-json = بصيغة JSON
badge-svg = بصيغة صورة (SVG)
badge-jws = موقّعة (JWS)
badge-keys = المفاتيح العامة (JWKS)
badge-offline-title = كيف تتحقق منها دون هذا الخادم
badge-offline-1 = اجلب المفاتيح العامة، واجلبها من جديد إن لم تجد المعرّف (kid) بينها، واجلب الشارة الموقّعة.
badge-offline-2 = تحقق من توقيعها بالمفتاح الذي يرد معرّفه (kid) في ترويستها. لا تقبل إلا خوارزمية EdDSA.
badge-offline-3 = تحقق من أن رقم الشارة (jti) والجهة التي صدرت لصالحها هما ما تتوقعه، وأن exp في المستقبل، وأنها ليست تجريبية.
badge-offline-4 = لا يعلم بسحب الشارة إلا هذا الخادم: اطلب صيغة JSON عندما يكون الأمر مهمًا.
badge-unknown-title = لا توجد شارة كهذه
badge-unknown-text = قد يكون العنوان ناقصًا، أو لم تعد الشارة موجودة.
badge-svg-valid = تم التحقق من شخص حي
badge-svg-demo = تجريبية، لا تثبت شيئًا
badge-svg-expired = منتهية الصلاحية
badge-svg-revoked = مسحوبة
badge-svg-for = لصالح { $tenant }

## The page of a session: an identity document and its holder. Whoever changes a message of this group changes the version,
## in both files.

agree-version = 2026-11.3
agree-title = إثبات هويتك
agree-who = تطلب منك جهة { $tenant } إظهار وثيقة هوية ووجهك.
agree-why = يتحقق هذا الفحص من سلامة الوثيقة ومن أنك صاحبها.
agree-how = تصوّر وثيقتك، ثم تنظر إلى الكاميرا نحو عشر ثوان، وتتابع ضوء الشاشة وتحرك رأسك.
agree-kept =
    { $days ->
        [zero] تُحفظ صور الوثيقة وصورة واحدة لوجهك وما قُرئ والنتيجة مشفّرة أقل من يوم، ثم تُحذف.
        [one] تُحفظ صور الوثيقة وصورة واحدة لوجهك وما قُرئ والنتيجة مشفّرة يومًا واحدًا على الأكثر، ثم تُحذف.
        [two] تُحفظ صور الوثيقة وصورة واحدة لوجهك وما قُرئ والنتيجة مشفّرة يومين على الأكثر، ثم تُحذف.
        [few] تُحفظ صور الوثيقة وصورة واحدة لوجهك وما قُرئ والنتيجة مشفّرة { $days } أيام على الأكثر، ثم تُحذف.
        [many] تُحفظ صور الوثيقة وصورة واحدة لوجهك وما قُرئ والنتيجة مشفّرة { $days } يومًا على الأكثر، ثم تُحذف.
       *[other] تُحفظ صور الوثيقة وصورة واحدة لوجهك وما قُرئ والنتيجة مشفّرة { $days } يوم على الأكثر، ثم تُحذف.
    }
agree-shared = تتسلّم جهة { $tenant } كل ذلك.
agree-more-preview = أما ما تعرضه الكاميرا غير ذلك فلا تُحفظ منه أي صورة. وتبقى محفوظةً ما بقيت النتيجة: ما طلبته منك الصفحة، وما قيس في الصور، وما يذكره المتصفح عن الكاميرا (اسمها وأبعادها ومعدلها)، وما إذا كان برنامج يقود المتصفح، وإجابتك في هذه الصفحة.
agree-more-history = تُقارن الوثيقة والوجه بما ورد في فحوص سابقة للجهة نفسها، لكشف الاحتيال.
agree-more-automatic = يقيّم الصورَ برنامجٌ حاسوبي، أما ما يترتب على ذلك فتقرره جهة { $tenant }.

session-title = فحص الهوية

## On a desk: go on with a phone

phone-text = الأفضل إجراء هذا الفحص بالهاتف. وجّه كاميرته إلى هذا الرمز، وافتح الرابط الذي يظهر.
phone-code = رمز فيه الرابط المخصص لهاتفك
phone-or-link = أو افتح هذا الرابط على الهاتف:
phone-stay = أبقِ هذه الصفحة مفتوحة: ستتابع تلقائيًا عندما تنتهي على الهاتف. يعمل الرابط مرة واحدة.
phone-here = استخدام هذا الجهاز
phone-failed = تعذّر إنشاء الرمز. أعد تحميل الصفحة أو استخدم هذا الجهاز.
elsewhere-title = تابع على هاتفك
elsewhere-text = الفحص مفتوح الآن على هاتفك. أبقِ هذه الصفحة مفتوحة: ستتابع تلقائيًا.

## The document

document-document_front-title = الوجه الأمامي للوثيقة
document-document_front-text = صوّر الوجه الذي عليه صورتك: في جواز السفر صفحة الصورة، وفي البطاقة وجهها الأمامي.
document-document_back-title = الوجه الخلفي للوثيقة
document-document_back-text = اقلب الوثيقة وصوّر الوجه الآخر.
document-tip-whole = ضعها مستوية على سطح سادة داكن، بحيث تظهر الزوايا الأربع كلها.
document-tip-light = استعن بضوء متساوٍ دون انعكاسات، وأبعد أصابعك عنها.
document-tip-sharp = أمسك الكاميرا فوقها مباشرة وبثبات.
document-preview = ما تعرضه كاميرتك
document-open = تشغيل الكاميرا
document-shoot = التقاط الصورة
document-file = اختيار صورة
document-hold = الكاميرا تعمل. ضع الوثيقة أمامها ثم التقط الصورة.
document-sending = يجري إرسال الصورة وفحصها. يستغرق ذلك بضع ثوان.
document-taken = الصورة جيدة.
document-or-file = أو اختر صورة بدلًا من ذلك.

feedback-other = لا يمكن استخدام هذه الصورة. صوّر وثيقة واحدة وحدها في ضوء متساوٍ.
feedback-document_not_found = لم يُعثر على وثيقة. أدخلها كاملة في الصورة على سطح سادة.
feedback-face_not_found = لم يظهر أي وجه. انظر إلى الكاميرا.
feedback-document_face_not_found = لم يُعثر على الصورة الشخصية في الوثيقة. صوّر الوجه الذي عليه الصورة دون انعكاسات عليها.
feedback-obstructed = جزء من الوثيقة مغطى أو خارج الصورة. أظهر الزوايا الأربع، وأبعد أصابعك عنها.
feedback-blur = الصورة غير واضحة. امسح العدسة، واثبت، وانتظر حتى تتضح الصورة.
feedback-glare = يغطي انعكاسٌ جزءًا من الوثيقة. أملها قليلًا أو ابتعد عن المصباح.
feedback-document_not_supported = هذه الوثيقة غير معروفة هنا. استخدم وثيقة أخرى: جواز سفر أو بطاقة هوية أو رخصة قيادة.
feedback-document_not_matching = هذا الوجه من وثيقة غير وثيقة الوجه الأمامي. صوّر ظهر الوثيقة نفسها.
feedback-wrong_document_side = هذا هو الوجه الآخر. اقلب الوثيقة.
feedback-multi_face = ظهر في الصورة أكثر من وجه. يُرجى أن تكون وحدك أمام الكاميرا.
feedback-face_rotated = كان الرأس مائلًا. أبقِ رأسك والجهاز معتدلين.
feedback-face_too_small = كان الوجه صغيرًا في الصورة. اقترب من الكاميرا.
feedback-face_too_close = كان الوجه قريبًا جدًا. ابتعد قليلًا.
feedback-closed_eyes = كانت العينان مغمضتين. أبقهما مفتوحتين وانظر إلى الشاشة.
feedback-face_angle_too_large = كان الرأس ملتفتًا. انظر مباشرة إلى الكاميرا.
feedback-face_close_to_border = كان الوجه عند حافة الصورة. اجعله في الوسط.
feedback-face_occluded = كان جزء من الوجه مغطى. انزع الكمامة أو النظارة الداكنة أو القبعة.
feedback-face_cropped = لم يظهر الوجه كاملًا في الصورة. اجعله في الوسط وابتعد قليلًا.
feedback-barcode_not_found = لم يُعثر على الرمز الشريطي. صوّر الوجه الذي عليه الرمز واضحًا وكاملًا.
feedback-glare_selfie = كان الضوء ساطعًا جدًا. استدر بعيدًا عن الضوء الساطع.
feedback-blur_selfie = كانت الصورة غير واضحة. امسح العدسة، وثبّت الجهاز ورأسك.
feedback-restricted_criteria = هذه الوثيقة غير مقبولة في هذا الفحص. استخدم وثيقة أخرى.

picture-network = لم تصل الصورة إلى الخادم. تحقق من الاتصال ثم أعد المحاولة.
picture-too_large = هذه الصورة كبيرة جدًا: الحد الأقصى عشرة ميغابايت. اختر صورة أخرى أو التقطها هنا.
picture-too_small = هذه الصورة صغيرة جدًا: الحد الأدنى 640 في 480 بكسل. اختر صورة أخرى أو استخدم كاميرا أخرى.
picture-unreadable = هذا الملف ليس صورة يستطيع المتصفح فتحها. اختر صورة بصيغة JPEG.
picture-bad_picture = لم يتمكن الخادم من قراءة هذه الصورة. التقطها مرة أخرى أو اختر صورة أخرى.
picture-full = الخادم مشغول. انتظر دقيقة ثم أعد المحاولة.
picture-technical = حدث خلل أثناء إرسال الصورة. أعد المحاولة.

## Checking, and the end

page-continue = متابعة
checking-title = يجري فحص صورك
checking-text = يستغرق ذلك بضع ثوان. أبقِ هذه الصفحة مفتوحة.
recapture-title = نحتاج إلى بعض الصور مرة أخرى
recapture-text = تعذّرت قراءة كل شيء. ستطلب الصفحة هذه الصور مرة أخرى.
finished-title = اكتمل الفحص
finished-text = تم فحص صورك.
finished-phone-title = اكتمل الفحص
finished-phone-text = تم فحص صورك.
finished-phone-way = تابع حيث فتحت الرمز. يمكنك إغلاق هذه الصفحة الآن.
late-title = انتهى وقت هذا الفحص
late-text = يبقى الفحص متاحًا ساعة واحدة.
late-way = اطلب من { $tenant } رابطًا جديدًا.

closed-late-title = انتهى وقت هذا الفحص
closed-late-text = يبقى الفحص متاحًا ساعة واحدة.
closed-late-way = اطلب رابطًا جديدًا ممن أرسله إليك.
closed-throttled-title = محاولات كثيرة في وقت قصير
closed-throttled-text = يطلب الخادم استراحة.
closed-throttled-way = أعد تحميل هذه الصفحة لاحقًا.
closed-onward = المتابعة إلى { $tenant }
