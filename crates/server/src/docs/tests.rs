//! The pages of the dialects that there are, without a server.

use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Method, Request, StatusCode};
use serde_json::Value;
use tower::ServiceExt as _;

use super::reference::{Part, parts};
use super::routes;
use crate::config::Limits;
use crate::{Mount, api};

const PUBLIC_URL: &str = "https://id.example.com/below";

fn documents() -> Vec<(&'static str, Value)> {
    [api::truora::dialect(), api::truelens::dialect(), api::mosaic::dialect(), api::vlens::dialect()]
        .into_iter()
        .map(|dialect| {
            let (_, mut document) = dialect.router.split_for_parts();
            document.merge(dialect.uploads.split_for_parts().1);
            document.info = dialect.info;
            (dialect.name, serde_json::to_value(&document).unwrap())
        })
        .collect()
}

fn markdown(dialect: &str, document: &Value) -> String {
    let text = parts(dialect, document).into_iter().map(|part| match part {
        Part::Markdown(text) => text,
        Part::Call(_) => String::new(),
    });
    text.collect()
}

/// The names of all members below `schema`, wherever they stand. What has a name of its own is told in a section of its
/// own.
fn members(document: &Value, schema: &Value, found: &mut Vec<String>) {
    if let Some(name) = schema["$ref"].as_str() {
        return members(document, document.pointer(&name[1..]).unwrap(), found);
    }
    for (name, member) in schema["properties"].as_object().into_iter().flatten() {
        found.push(name.clone());
        if !names_an_object(document, member) {
            members(document, member, found);
        }
    }
    for key in ["allOf", "oneOf", "anyOf"] {
        schema[key].as_array().into_iter().flatten().for_each(|part| members(document, part, found));
    }
    if schema["items"].is_object() {
        members(document, &schema["items"], found);
    }
}

fn names_an_object(document: &Value, schema: &Value) -> bool {
    let target = schema["$ref"].as_str().and_then(|name| document.pointer(&name[1..]));
    target.is_some_and(|target| target["properties"].is_object())
        || schema["oneOf"].as_array().into_iter().flatten().any(|part| names_an_object(document, part))
}

#[test]
fn a_reference_tells_every_named_object() {
    for (dialect, document) in documents() {
        let text = markdown(dialect, &document);
        for link in text.split("](#schema-").skip(1) {
            let name = link.split(')').next().unwrap();
            assert!(text.to_lowercase().contains(&format!("schema `{name}`")), "{dialect}: {name}");
        }
    }
}

#[test]
fn a_reference_tells_every_operation_parameter_member_and_status() {
    for (dialect, document) in documents() {
        let text = markdown(dialect, &document);
        for (path, item) in document["paths"].as_object().unwrap() {
            for (method, operation) in item.as_object().unwrap() {
                let heading = format!("### `{} {path}`\n", method.to_uppercase());
                let (_, section) = text.split_once(&heading).unwrap_or_else(|| panic!("no {heading}"));
                let section = section.split("\n### ").next().unwrap();
                for parameter in operation["parameters"].as_array().into_iter().flatten() {
                    let name = parameter["name"].as_str().unwrap();
                    assert!(section.contains(&format!("- `{name}` in the ")), "{heading}: {name}");
                }
                for status in operation["responses"].as_object().unwrap().keys() {
                    assert!(section.contains(&format!("\n- `{status}`: ")), "{heading}: {status}");
                }
                let content = operation["requestBody"]["content"].as_object();
                for (kind, medium) in content.into_iter().flatten() {
                    assert!(section.contains(&format!("`{kind}`")), "{heading}: {kind}");
                    let mut names = Vec::new();
                    members(&document, &medium["schema"], &mut names);
                    for name in names {
                        assert!(section.contains(&format!("- `{name}`: ")), "{heading}: {name}");
                    }
                }
            }
        }
    }
}

async fn get(path: &str) -> (StatusCode, HeaderMap, String) {
    let mounts: Vec<_> =
        [api::truora::dialect(), api::truelens::dialect(), api::mosaic::dialect(), api::vlens::dialect()]
            .map(mount)
            .into();
    let router: axum::Router = routes(&mounts, PUBLIC_URL);
    let request = Request::builder().method(Method::GET).uri(path).body(Body::empty()).unwrap();
    let response = router.oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap();
    (parts.status, parts.headers, String::from_utf8(body.to_vec()).unwrap())
}

/// Only what the documentation reads of it: its routes lack what they share.
fn mount(dialect: crate::Dialect) -> Mount {
    let (_, mut openapi) = dialect.router.split_for_parts();
    openapi.merge(dialect.uploads.split_for_parts().1);
    let bare = crate::Dialect::<()> {
        name: dialect.name,
        paths: dialect.paths,
        router: utoipa_axum::router::OpenApiRouter::with_openapi(openapi),
        uploads: utoipa_axum::router::OpenApiRouter::new(),
        max_upload_bytes: dialect.max_upload_bytes,
        unknown_route: dialect.unknown_route,
        error: dialect.error,
        count_rest: None,
        localise: None,
        info: dialect.info,
        request_headers: dialect.request_headers,
        webhooks: None,
    };
    let url = format!("{PUBLIC_URL}/truth");
    bare.mount((), &[], &"/truth".parse().unwrap(), &url, &Limits::default())
}

#[tokio::test]
async fn links_and_calls_go_through_what_a_proxy_takes_away() {
    let (status, headers, page) = get("/docs/api/truelens").await;
    assert_eq!(
        (status, headers["content-type"].as_bytes()),
        (StatusCode::OK, &b"text/html; charset=utf-8"[..])
    );
    assert!(page.contains("data-path=\"/below/truth/api/sandbox/verify/init\""), "{page}");
    for link in page.split("href=\"").skip(1).map(|rest| rest.split('"').next().unwrap()) {
        assert!(link.starts_with('#') || link.starts_with("/below/"), "{link}");
    }
    let (_, _, list) = get("/llms.txt").await;
    assert!(list.contains("](https://id.example.com/below/docs/api/truelens.md)"), "{list}");
    assert!(list.contains("](https://id.example.com/below/openapi/truora.json)"), "{list}");
}

#[test]
fn a_document_that_says_nothing_has_a_page() {
    let text = markdown("empty", &Value::Null);
    assert!(text.starts_with("# : reference\n"), "{text}");
}
