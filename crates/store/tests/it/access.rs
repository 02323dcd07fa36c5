//! Tenants and who may call in their names, settings and the audit log.

use std::collections::BTreeSet;

use domain::{ClientId, Key, KeyId, KeyKind, Origin, Permission, TenantId, UserId};
use serde_json::json;
use store::{AuditEntry, AuditFilter, Client, NewUser, StoreError, Tenant};

use crate::fixture::{OTHER, SUBJECT, TENANT, fixture, later, newest, now, tenant};

fn key(number: u8) -> Key {
    Key {
        id: KeyId::from_bytes([number; 16]),
        tenant: TENANT,
        name: "backend of the shop".to_owned(),
        kind: KeyKind::Web,
        permissions: BTreeSet::from([Permission::EnrollmentDelete, Permission::EnrollmentWithoutValidation]),
        subject: Some(SUBJECT),
        created_at: later(u64::from(number)),
        expires_at: Some(later(10_000)),
        revoked_at: None,
    }
}

fn new_user(number: u8, name: &str) -> NewUser {
    NewUser {
        id: UserId::from_bytes([number; 16]),
        tenant: TENANT,
        name: name.to_owned(),
        password_hash: "$argon2id$...".to_owned(),
        permissions: vec!["read".to_owned(), "write".to_owned()],
        created_at: now(),
    }
}

#[tokio::test]
async fn a_tenant_is_read_as_it_was_written_and_changed() {
    let fixture = fixture().await;
    let changed = Tenant {
        name: "New Bank".to_owned(),
        allowed_origins: vec!["https://c.example".to_owned()],
        similarity_floor_fmr: 1e-6,
        ..tenant(TENANT)
    };
    assert_eq!(fixture.read().await.tenant(TENANT).await.unwrap(), Some(tenant(TENANT)));
    fixture.write(async |tx| tx.save_tenant(&changed).await).await;
    let mut tx = fixture.read().await;
    assert_eq!(tx.tenant(TENANT).await.unwrap(), Some(changed.clone()));
    assert_eq!(tx.tenants().await.unwrap(), [changed, tenant(OTHER)]);
    assert_eq!(tx.tenant(TenantId::from_bytes([9; 16])).await.unwrap(), None);
}

#[tokio::test]
async fn an_origin_is_allowed_while_a_tenant_that_lists_it_is_not_revoked() {
    let fixture = fixture().await;
    let is_allowed = async |origin| fixture.read().await.is_allowed_origin_of_any(origin).await.unwrap();
    assert!(is_allowed("https://a.example").await);
    assert!(!is_allowed("https://evil.example").await);
    for id in [TENANT, OTHER] {
        let revoked = Tenant { revoked_at: Some(now()), ..tenant(id) };
        fixture.write(async |tx| tx.save_tenant(&revoked).await).await;
    }
    assert!(!is_allowed("https://a.example").await);
}

#[tokio::test]
async fn a_key_comes_with_its_tenant_and_all_its_origins() {
    let fixture = fixture().await;
    let origins = ["https://a.example", "https://b.example"].map(str::to_owned).to_vec();
    for allowed_origins in [origins, vec![]] {
        let changed = Tenant { allowed_origins, ..tenant(TENANT) };
        fixture.write(async |tx| tx.save_tenant(&changed).await).await;
        if changed.allowed_origins.len() == 2 {
            fixture.write(async |tx| tx.insert_key(&key(1)).await).await;
        }
        let mut tx = fixture.read().await;
        assert_eq!(tx.key_and_tenant(key(1).id).await.unwrap(), Some((key(1), changed)));
        assert_eq!(tx.key_and_tenant(key(2).id).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_key_is_read_as_it_was_written_and_revoked_once() {
    let fixture = fixture().await;
    fixture
        .write(async |tx| {
            tx.insert_key(&key(1)).await?;
            tx.insert_key(&key(2)).await
        })
        .await;
    let mut tx = fixture.store.begin().await.unwrap();
    assert_eq!(tx.key(key(1).id).await.unwrap(), Some(key(1)));
    assert_eq!(tx.keys(TENANT).await.unwrap(), [key(2), key(1)]);
    assert_eq!(tx.live_keys(TENANT, now()).await.unwrap(), 2);
    assert_eq!(tx.live_keys(TENANT, later(10_000)).await.unwrap(), 0);
    assert!(!tx.revoke_key(OTHER, key(1).id, now()).await.unwrap());
    assert!(tx.revoke_key(TENANT, key(1).id, now()).await.unwrap());
    assert!(!tx.revoke_key(TENANT, key(1).id, now()).await.unwrap());
    assert_eq!(tx.key(key(1).id).await.unwrap().unwrap().revoked_at, Some(now()));
    assert_eq!(tx.live_keys(TENANT, now()).await.unwrap(), 1);
}

#[tokio::test]
async fn users_are_counted_across_tenants_and_found_by_name() {
    let fixture = fixture().await;
    let elsewhere = NewUser { tenant: OTHER, ..new_user(2, "ada") };
    let (first, second) = fixture
        .write(async |tx| Ok((tx.insert_user(new_user(1, "ada")).await?, tx.insert_user(elsewhere).await?)))
        .await;
    assert_eq!((first.number, second.number), (1, 2));
    let mut tx = fixture.read().await;
    assert!(tx.user_by_name(TENANT, "ada").await.unwrap().as_ref() == Some(&first));
    assert!(tx.user_by_name(OTHER, "ada").await.unwrap().as_ref() == Some(&second));
    assert!(tx.user_by_name(TENANT, "Ada").await.unwrap().is_none());
    assert!(tx.users(TENANT).await.unwrap() == [first]);
}

#[tokio::test]
async fn a_user_name_is_taken_until_its_user_is_revoked() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    let first = tx.insert_user(new_user(1, "ada")).await.unwrap();
    assert!(matches!(tx.insert_user(new_user(2, "ada")).await, Err(StoreError::Taken { .. })));
    assert!(!tx.revoke_user(OTHER, first.id, now()).await.unwrap());
    assert!(tx.revoke_user(TENANT, first.id, now()).await.unwrap());
    assert_eq!(tx.user_by_name(TENANT, "ada").await.unwrap().unwrap().revoked_at, Some(now()));
    let second = tx.insert_user(new_user(2, "ada")).await.unwrap();
    assert_eq!(second.number, 2);
    assert!(tx.user_by_name(TENANT, "ada").await.unwrap() == Some(second));
}

#[tokio::test]
async fn a_client_is_read_as_it_was_written_and_revoked_once() {
    let fixture = fixture().await;
    let client = Client {
        id: ClientId::from_bytes([1; 16]),
        tenant: TENANT,
        name: "shop".to_owned(),
        is_sandbox: false,
        secret_hash: "00ff".to_owned(),
        created_at: now(),
        revoked_at: None,
    };
    let mut tx = fixture.store.begin().await.unwrap();
    tx.insert_client(&client).await.unwrap();
    assert_eq!(tx.client(client.id).await.unwrap().as_ref(), Some(&client));
    assert_eq!(tx.clients(TENANT).await.unwrap(), std::slice::from_ref(&client));
    assert!(!tx.revoke_client(OTHER, client.id, now()).await.unwrap());
    assert!(tx.revoke_client(TENANT, client.id, now()).await.unwrap());
    assert!(!tx.revoke_client(TENANT, client.id, now()).await.unwrap());
}

#[tokio::test]
async fn a_setting_is_replaced_listed_and_deleted() {
    let fixture = fixture().await;
    let mut tx = fixture.store.begin().await.unwrap();
    for value in [json!(1), json!({"url": "https://hook.example"})] {
        tx.put_setting(TENANT, Origin::Truora, "webhook", &value).await.unwrap();
    }
    tx.put_setting(TENANT, Origin::Truora, "attempts", &json!(3)).await.unwrap();
    let webhook = json!({"url": "https://hook.example"});
    assert_eq!(tx.setting(TENANT, Origin::Truora, "webhook").await.unwrap(), Some(webhook.clone()));
    assert_eq!(
        tx.settings(TENANT, Origin::Truora).await.unwrap(),
        [("attempts".to_owned(), json!(3)), ("webhook".to_owned(), webhook)]
    );
    assert!(tx.delete_setting(TENANT, Origin::Truora, "webhook").await.unwrap());
    assert!(!tx.delete_setting(TENANT, Origin::Truora, "webhook").await.unwrap());
    assert_eq!(tx.setting(TENANT, Origin::Truora, "webhook").await.unwrap(), None);
}

#[tokio::test]
async fn the_audit_log_is_read_newest_first_in_parts() {
    let fixture = fixture().await;
    let entry = |number: u64, tenant| AuditEntry {
        tenant,
        actor: "command line".to_owned(),
        action: "key.made".to_owned(),
        about: number.to_string(),
        at: later(number),
    };
    let entries = [entry(1, Some(TENANT)), entry(2, None), entry(3, Some(OTHER)), entry(4, Some(TENANT))];
    let mut tx = fixture.store.begin().await.unwrap();
    for entry in &entries {
        tx.append_audit(entry).await.unwrap();
    }
    let abouts = |part: &[(i64, AuditEntry)]| {
        part.iter().map(|(_, entry)| entry.about.clone()).collect::<Vec<_>>().join(" ")
    };
    let first = tx.audit(&newest(3)).await.unwrap();
    assert_eq!(abouts(&first), "4 3 2");
    assert_eq!(first[0].1, entries[3]);
    assert_eq!(abouts(&tx.audit(&AuditFilter { before: Some(first[2].0), ..newest(3) }).await.unwrap()), "1");
    assert_eq!(abouts(&tx.audit(&AuditFilter { tenant: Some(TENANT), ..newest(9) }).await.unwrap()), "4 1");
    for (filter, found) in [
        (AuditFilter { action: Some("key.made".to_owned()), ..newest(2) }, "4 3"),
        (AuditFilter { action: Some("key".to_owned()), ..newest(2) }, ""),
        (AuditFilter { since: Some(later(3)), ..newest(9) }, "4 3"),
        (AuditFilter { since: Some(later(5)), ..newest(9) }, ""),
        (AuditFilter { since: Some(later(2)), tenant: Some(TENANT), before: Some(4), ..newest(9) }, ""),
    ] {
        assert_eq!(abouts(&tx.audit(&filter).await.unwrap()), found, "{filter:?}");
    }
}
