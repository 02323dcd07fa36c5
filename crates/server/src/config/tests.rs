#![expect(clippy::result_large_err, reason = "the error of figment's jail")]

use std::path::PathBuf;

use figment::Jail;

use super::*;

/// Loads in a folder and an environment of its own. The jail is one for the whole process, so that tests do not see each
/// other's variables.
fn load(toml: &str, variables: &[(&str, &str)], flags: &Flags) -> Result<Config, String> {
    let mut loaded = Err("the jail did not open".to_owned());
    Jail::expect_with(|jail| {
        jail.create_file("bonafide.toml", toml)?;
        for (name, value) in variables {
            jail.set_env(name, value);
        }
        loaded = Config::load(Some(Path::new("bonafide.toml")), flags).map_err(|error| error.to_string());
        Ok(())
    });
    loaded
}

#[test]
fn without_any_source_there_are_defaults() {
    let config = load("", &[], &Flags::default()).unwrap();
    assert_eq!(config, Config::default());
    // Beside the vendors' plans nothing is bounded.
    let plans = [("pro", 5000), ("starter", 500)].map(|(plan, most)| (plan.to_owned(), most));
    let usage = app::UsageLimits { verifications_per_month: plans.into(), ..app::UsageLimits::default() };
    assert_eq!(config.usage_limits(), usage);
    assert_eq!(config.limits.queue().get(), 16 * config.limits.inference_threads.get());
}

#[test]
fn variables_override_the_file_and_flags_override_both() {
    let toml = r#"
        data = "from-file"
        listen = "127.0.0.1:8999"
        metrics_listen = "off"
        public_url = "https://id.example.com"
        trusted_proxies = ["10.0.0.0/8", "::1/128"]
        [limits]
        request_timeout = "45s"
        queue = 3
        [plans.standard]
        requests_per_minute = 600
        [plans."pilot phase"]
        verifications_per_month = 0
        [throttle]
        window = "2h"
        declined_per_address = 0
        [dialects.truora]
        hosts = ["api.validations.example"]
        prefix = "/truora"
    "#;
    let variables = [
        ("BONAFIDE_LISTEN", "127.0.0.1:7000"),
        ("BONAFIDE_DATA", "from-environment"),
        ("BONAFIDE_LIMITS__QUEUE", "5"),
        ("BONAFIDE_LIMITS__BODY_TIMEOUT", "2m"),
        ("BONAFIDE_ASSETS_DIR", "of every command"),
        ("BONAFIDE_PLANS__STANDARD__BURST", "50"),
    ];
    let flags = Flags { listen: "127.0.0.1:9000".parse().ok(), ..Flags::default() };
    let config = load(toml, &variables, &flags).unwrap();
    assert_eq!(config.listen, "127.0.0.1:9000".parse().unwrap());
    assert_eq!(config.data, PathBuf::from("from-environment"));
    assert_eq!(config.metrics_listen, MetricsListen::Off);
    assert_eq!(config.limits.request_timeout, Duration::from_secs(45));
    assert_eq!(config.limits.body_timeout, Duration::from_mins(2));
    assert_eq!(config.limits.queue().get(), 5);
    assert_eq!(config.dialects.truora.prefix.as_str(), "/truora");
    assert_eq!(config.trusted_proxies.len(), 2);
    let standard = &config.plans["standard"];
    assert_eq!((standard.requests_per_minute, standard.burst), (NonZeroU32::new(600), NonZeroU32::new(50)));
    let usage = config.usage_limits();
    assert_eq!(usage.verifications_per_month["pilot phase"], 0);
    assert!(!usage.verifications_per_month.contains_key("standard"));
    let throttle =
        app::Throttle { window: Duration::from_hours(2), per_address: 0, ..app::Throttle::default() };
    assert_eq!(usage.throttle, throttle);
}

#[test]
fn unknown_keys_and_bad_values_are_refused_by_name() {
    for (toml, named) in [
        ("lisen = '127.0.0.1:1'", "lisen"),
        ("[limits]\nqueu = 1", "queu"),
        ("[dialects.truor]\nenabled = true", "truor"),
        ("[limits]\nqueue = 0", "queue"),
        ("[limits]\nmax_form_bytes = 1", "max_form_bytes"),
        ("[limits]\nrequest_timeout = '20m'", "request_timeout"),
        ("[limits]\nrequest_timeout = 'soon'", "request_timeout"),
        ("public_url = 'https://example.com/?a=1'", "public_url"),
        ("[plans.a]\nrequests_per_minute = 0", "requests_per_minute"),
        ("[plans.a]\nrequests_per_minute = 1000001", "requests_per_minute"),
        ("[plans.a]\nburst = 5", "requests_per_minute"),
        ("[plans.a]\nverifications_per_month = -1", "verifications_per_month"),
        ("[plans.a]\nverifications_per_year = 1", "verifications_per_year"),
        ("[throttle]\nwindow = '25h'", "throttle.window"),
        ("[throttle]\ndeclined_per_account = 1000001", "declined_per_account"),
        ("[tls]\ncertificate = 'a.pem'", "key"),
        ("trusted_proxies = ['everyone']", "trusted_proxies"),
        ("[dialects.truora]\nprefix = '/openapi'", "prefix"),
        (
            "dialects = { truora = { enabled = false }, truelens = { enabled = false }, mosaic = { enabled = false }, vlens = { enabled = false } }",
            "dialect",
        ),
    ] {
        let error = load(toml, &[], &Flags::default()).unwrap_err();
        assert!(error.contains(named) && error.lines().count() == 1, "{toml}: {error}");
    }
    let error = load("", &[("BONAFIDE_LISTNE", "127.0.0.1:1")], &Flags::default()).unwrap_err();
    assert!(error.contains("listne"), "{error}");
}

#[test]
fn what_is_called_and_told_can_be_set() {
    let toml = r#"
        [outgoing]
        timeout = "5s"
        [webhooks]
        retries = ["1s", "250ms"]
        [dialects.truora.event_types]
        "face_recognition.validation" = "validation"
    "#;
    let variables = [("BONAFIDE_OUTGOING__ALLOW", r#"["127.0.0.1/32", "fd00::/8"]"#)];
    let config = load(toml, &variables, &Flags::default()).unwrap();
    assert_eq!((config.outgoing.allow.len(), config.outgoing.timeout), (2, Duration::from_secs(5)));
    let waits = [Duration::from_secs(1), Duration::from_millis(250)];
    assert_eq!(config.webhooks.schedule().unwrap().waits(), waits);
    assert_eq!(config.dialects.truora.event_types["face_recognition.validation"], "validation");
    assert_eq!(Config::default().webhooks.schedule().unwrap(), Retries::default());
    for (toml, named) in [
        ("[outgoing]\nallow = ['everyone']", "allow"),
        ("[outgoing]\ntimeout = '0s'", "outgoing.timeout"),
        ("[outgoing]\ntimeout = '61s'", "outgoing.timeout"),
        ("[webhooks]\nretries = ['8d']", "webhooks.retries"),
        ("[webhooks]\nretries = ['soon']", "retries"),
        ("[webhooks]\nretry = []", "retry"),
    ] {
        let error = load(toml, &[], &Flags::default()).unwrap_err();
        assert!(error.contains(named) && error.lines().count() == 1, "{toml}: {error}");
    }
}

#[test]
fn a_file_that_was_named_must_be_there() {
    let error = Config::load(Some(Path::new("/nowhere/bonafide.toml")), &Flags::default()).unwrap_err();
    assert!(matches!(error, ConfigError::NoFile(_)));
}

const SMTP: &str = "[delivery.smtp]\nhost = 'mail.example.org'\nfrom = 'id@example.org'\n";
const SMS: &str = "[delivery.sms]\nurl = 'https://sms.example.org/send?token=hidden'\n";

#[test]
fn how_codes_are_sent_can_be_set_and_its_secrets_lie_in_files() {
    let toml = format!("{SMTP}user = 'id'\npassword_file = 'bonafide.toml'\n{SMS}secret = 'whsec_hidden'");
    let config = load(&toml, &[], &Flags::default()).unwrap();
    assert_eq!(config.delivery.channels(), Channels { sms: true, email: true });
    assert_eq!(Config::default().delivery.channels(), Channels::default());
    let printed = format!("{config:?}");
    assert!(!printed.contains("hidden"), "{printed}");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("password");
    std::fs::write(&path, "of the relay\n").unwrap();
    let smtp = Smtp { password_file: Some(path), ..config.delivery.smtp.unwrap() };
    assert_eq!(smtp.password().unwrap().unwrap().as_str(), "of the relay");
    let smtp = Smtp { password_file: Some(folder.path().join("nowhere")), ..smtp };
    assert!(matches!(smtp.password(), Err(ConfigError::SecretFile { .. })));
}

#[test]
fn codes_never_travel_in_the_open() {
    let log = |more: &str| load(&format!("{more}\n[delivery]\nlog = true"), &[], &Flags::default());
    for good in
        ["", "listen = '[::1]:80'", "public_url = 'http://localhost:80'", "public_url = 'http://[::1]:80'"]
    {
        assert!(log(good).is_ok(), "{good}");
    }
    for bad in ["listen = '0.0.0.0:80'", "listen = '192.0.2.7:80'", "public_url = 'https://id.example.com'"] {
        assert!(log(bad).unwrap_err().contains("delivery.log"), "{bad}");
    }
    let local = "[delivery.smtp]\nhost = '127.0.0.1'\ntls = 'none'\nfrom = 'id@example.org'";
    assert!(load(local, &[], &Flags::default()).is_ok());
    for (toml, named) in [
        (format!("{SMTP}tls = 'none'"), "delivery.smtp.tls"),
        (format!("{SMTP}tls = 'perhaps'"), "tls"),
        (format!("{SMTP}user = 'id'"), "delivery.smtp.password"),
        (format!("{SMTP}password = 'hidden'"), "delivery.smtp.password"),
        (format!("{SMTP}user = 'id'\npassword = 'a'\npassword_file = 'b'"), "delivery.smtp.password"),
        ("[delivery.smtp]\nhost = 'mail.example.org'\nfrom = 'nobody'".to_owned(), "from"),
        (SMS.to_owned(), "delivery.sms.secret"),
        ("[delivery.sms]\nurl = 'sms.example.org'\nsecret = 'a'".to_owned(), "delivery.sms.url"),
        ("[delivery.sms]\nurl = 'http://sms.example.org'\nsecret = 'a'".to_owned(), "delivery.sms.url"),
        ("[delivery]\nwindow = '25h'".to_owned(), "delivery.window"),
        ("[delivery]\nper_contact = 1000001".to_owned(), "delivery.per_contact"),
        ("[delivery]\nfax = true".to_owned(), "fax"),
        ("[vlens]\nrequests_per_second = 0".to_owned(), "requests_per_second"),
    ] {
        let error = load(&toml, &[], &Flags::default()).unwrap_err();
        assert!(
            error.contains(named) && error.lines().count() == 1 && !error.contains("hidden"),
            "{toml}: {error}"
        );
    }
}
