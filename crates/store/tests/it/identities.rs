//! People who sign in themselves, their codes and their tokens.

use std::time::Duration;

use domain::{
    Contact, FamilyId, Holder, Identity, IdentityId, OTP_TIME, OneTimePassword, OtpId, OtpPurpose, OtpState,
    SubjectId, TenantId, TokenFamily,
};
use serde_json::json;
use store::{NewIdentity, OtpMessage, OtpsTo, SignInBy, StoreError};

use crate::fixture::{Fixture, OTHER, SUBJECT, TENANT, fixture, later, now};
use crate::sealing::{files, holds};

const PHONE: &str = "+201234567890";
const EMAIL: &str = "ada@example.org";
const DEVICE: &str = "imei-4711-4711";
const CODE: &str = "314159";

fn new(number: u8, subject: SubjectId) -> NewIdentity {
    NewIdentity {
        id: IdentityId::from_bytes([number; 16]),
        tenant: TENANT,
        subject,
        phone: PHONE.parse().unwrap(),
        email: Some(EMAIL.parse().unwrap()),
        is_email_confirmed: true,
        password_hash: Some("$argon2id$of-the-password".to_owned()),
        created_at: now(),
    }
}

fn family(number: u8, identity: &Identity) -> TokenFamily {
    TokenFamily {
        id: FamilyId::from_bytes([number; 16]),
        tenant: TENANT,
        holder: Holder::Identity(identity.id, identity.subject),
        generation: 0,
        created_at: now(),
        expires_at: later(100),
        revoked_at: None,
    }
}

fn otp(number: u8, holder: Option<&Identity>) -> OneTimePassword {
    OneTimePassword {
        id: OtpId::from_bytes([number; 16]),
        tenant: TENANT,
        purpose: OtpPurpose::SignIn,
        holder: holder.map(|identity| (identity.id, identity.subject)),
        state: OtpState::Sent,
        failures: 0,
        created_at: now(),
        expires_at: now().plus(OTP_TIME),
    }
}

fn message(otp: &OneTimePassword) -> OtpMessage {
    OtpMessage {
        otp: otp.id,
        tenant: TENANT,
        message: json!({"to": PHONE, "code": CODE}),
        is_for_nobody: false,
        attempts: 0,
        expires_at: otp.expires_at,
    }
}

fn contact() -> Contact {
    Contact::Phone(PHONE.parse().unwrap())
}

/// One of everything there can be of a person who signs in.
pub(crate) async fn add_identity(fixture: &Fixture) -> Identity {
    fixture
        .write(async |tx| {
            let identity = tx.insert_identity(new(0xe1, SUBJECT)).await?;
            tx.remember_device(&identity, DEVICE, now()).await?;
            tx.insert_family(&family(0xe2, &identity)).await?;
            let otp = otp(0xe3, Some(&identity));
            tx.insert_otp(&otp, &contact(), Some("192.0.2.7"), b"hash").await?;
            tx.insert_otp_message(&message(&otp), now()).await?;
            Ok(identity)
        })
        .await
}

#[tokio::test]
async fn an_identity_is_found_by_what_is_shown_to_be_its_own() {
    let fixture = fixture().await;
    let identity = add_identity(&fixture).await;
    let (phone, email) = (PHONE.parse().unwrap(), EMAIL.parse().unwrap());
    let mut tx = fixture.read().await;
    assert_eq!(tx.identity(TENANT, identity.id).await.unwrap().as_ref(), Some(&identity));
    assert_eq!(tx.identity_by_phone(TENANT, &phone).await.unwrap().as_ref(), Some(&identity));
    assert_eq!(tx.identity_by_email(TENANT, &email).await.unwrap().as_ref(), Some(&identity));
    assert!(tx.knows_device(&identity, DEVICE).await.unwrap());
    assert!(!tx.knows_device(&identity, "another").await.unwrap());
    drop(tx);
    let unconfirmed = Identity { is_email_confirmed: false, updated_at: later(1), ..identity.clone() };
    fixture.write(async |tx| tx.save_identity(&unconfirmed).await).await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.identity_by_email(TENANT, &email).await.unwrap(), None);
    assert_eq!(tx.identity(TENANT, identity.id).await.unwrap(), Some(unconfirmed));
}

#[tokio::test]
async fn nobody_else_gets_the_same_number_and_no_number_is_given_twice() {
    let fixture = fixture().await;
    let first = add_identity(&fixture).await;
    let second = fixture.add_subject(SubjectId::from_bytes([9; 16]), "second").await;
    let mut tx = fixture.store.begin().await.unwrap();
    let taken = tx.insert_identity(new(2, second.id)).await;
    assert!(matches!(taken, Err(StoreError::Taken { .. })));
    drop(tx);
    fixture.store.erase_subject(TENANT, SUBJECT, now()).await.unwrap();
    let next = fixture.write(async |tx| tx.insert_identity(new(2, second.id)).await).await;
    assert_eq!((first.number, next.number), (1, 2));
}

#[tokio::test]
async fn another_tenant_finds_nothing() {
    let fixture = fixture().await;
    let identity = add_identity(&fixture).await;
    let mut tx = fixture.read().await;
    assert!(tx.identity(OTHER, identity.id).await.unwrap().is_none());
    assert!(tx.identity_by_phone(OTHER, &identity.phone).await.unwrap().is_none());
    assert!(tx.identity_by_email(OTHER, identity.email.as_ref().unwrap()).await.unwrap().is_none());
    assert!(tx.family(OTHER, FamilyId::from_bytes([0xe2; 16])).await.unwrap().is_none());
    let id = OtpId::from_bytes([0xe3; 16]);
    assert!(tx.otp(OTHER, id, OtpPurpose::SignIn, &contact()).await.unwrap().is_none());
    let count = async |tx: &mut store::Tx, tenant: TenantId| {
        tx.otps_full_until(tenant, OtpsTo::Everybody, 1, Duration::from_hours(1), later(1)).await.unwrap()
    };
    assert!(count(&mut tx, OTHER).await.is_none() && count(&mut tx, TENANT).await.is_some());
}

#[tokio::test]
async fn a_refresh_token_is_followed_once() {
    let fixture = fixture().await;
    let identity = add_identity(&fixture).await;
    let id = family(0xe2, &identity).id;
    let rotate = async |generation| {
        fixture.write(async |tx| tx.rotate_family(TENANT, id, generation, later(200)).await).await
    };
    assert!(rotate(0).await);
    assert!(!rotate(0).await && !rotate(2).await);
    assert!(rotate(1).await);
    let found = fixture.read().await.family(TENANT, id).await.unwrap().unwrap();
    assert_eq!(
        (found.generation, found.expires_at, found.holder),
        (2, later(200), family(1, &identity).holder)
    );
    assert_eq!(fixture.write(async |tx| tx.revoke_families_of(TENANT, identity.id, later(3)).await).await, 1);
    assert!(!rotate(2).await);
    assert!(!fixture.write(async |tx| tx.revoke_family(TENANT, id, later(4)).await).await);
}

#[tokio::test]
async fn a_code_is_good_for_its_purpose_and_contact_and_counted() {
    let fixture = fixture().await;
    add_identity(&fixture).await;
    let id = OtpId::from_bytes([0xe3; 16]);
    let mut tx = fixture.read().await;
    let kept = tx.otp(TENANT, id, OtpPurpose::SignIn, &contact()).await.unwrap().unwrap();
    assert!(kept.is_for_contact && kept.code_hash == b"hash");
    assert!(tx.otp(TENANT, id, OtpPurpose::ResetPassword, &contact()).await.unwrap().is_none());
    let other = Contact::Phone("+201234567891".parse().unwrap());
    assert!(!tx.otp(TENANT, id, OtpPurpose::SignIn, &other).await.unwrap().unwrap().is_for_contact);
    let window = Duration::from_millis(60);
    for (whose, expected) in [
        (OtpsTo::Contact(&contact()), Some(now().plus(window))),
        (OtpsTo::Contact(&other), None),
        (OtpsTo::Network("192.0.2.7"), Some(now().plus(window))),
        (OtpsTo::Network("192.0.2.8"), None),
    ] {
        assert_eq!(tx.otps_full_until(TENANT, whose, 1, window, later(1)).await.unwrap(), expected);
        assert_eq!(tx.otps_full_until(TENANT, whose, 2, window, later(1)).await.unwrap(), None);
        assert_eq!(tx.otps_full_until(TENANT, whose, 1, window, later(60)).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_message_is_one_holders_until_its_lease_lapses_or_the_server_starts_again() {
    let fixture = fixture().await;
    add_identity(&fixture).await;
    let claim = async |at| fixture.store.claim_otp_message(at, Duration::from_millis(10)).await.unwrap();
    let first = claim(now()).await.unwrap();
    assert_eq!((first.attempts, &first.message["code"]), (1, &json!(CODE)));
    assert!(claim(later(1)).await.is_none());
    assert_eq!(claim(later(11)).await.unwrap().attempts, 2);
    fixture.store.release_otp_messages().await.unwrap();
    assert_eq!(claim(later(12)).await.unwrap().attempts, 3);
    fixture.write(async |tx| tx.retry_otp_message(first.otp, later(20)).await).await;
    assert_eq!(fixture.store.next_otp_message().await.unwrap(), Some(later(20)));
    assert!(claim(later(19)).await.is_none() && claim(later(20)).await.is_some());
    fixture.write(async |tx| tx.delete_otp_message(first.otp).await).await;
    assert_eq!(fixture.store.next_otp_message().await.unwrap(), None);
}

#[tokio::test]
async fn signing_in_that_failed_is_counted_by_account_and_network() {
    let fixture = fixture().await;
    let window = Duration::from_millis(60);
    let add = async || {
        fixture.write(async |tx| tx.insert_sign_in(TENANT, "phone:1", Some("192.0.2.7"), now()).await).await
    };
    let (first, second) = (add().await, add().await);
    let full = async |whose| {
        let mut tx = fixture.read().await;
        tx.sign_ins_full_until(TENANT, whose, 2, window, later(1)).await.unwrap().is_some()
    };
    assert!(full(SignInBy::Account("phone:1")).await && full(SignInBy::Network("192.0.2.7")).await);
    assert!(!full(SignInBy::Account("phone:2")).await && !full(SignInBy::Network("192.0.2.8")).await);
    fixture.write(async |tx| tx.forget_sign_in(second).await).await;
    assert!(first != second && !full(SignInBy::Account("phone:1")).await);
}

#[tokio::test]
async fn whoever_steals_the_disk_reads_no_number_address_device_or_code() {
    let fixture = fixture().await;
    add_identity(&fixture).await;
    for (name, bytes) in files(fixture.dir()) {
        for secret in [PHONE, EMAIL, DEVICE, CODE, "$argon2id$of-the-password", "192.0.2.7"] {
            assert!(!holds(&bytes, secret.as_bytes()), "{secret} in {name}");
        }
    }
}
