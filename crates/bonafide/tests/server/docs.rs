//! The documentation that the server serves: every page, every link, and the list for programs.

use std::collections::{BTreeMap, BTreeSet};

use reqwest::blocking::{Client, Response};
use serde_json::Value;

use crate::harness::Server;

/// An answer, read.
struct Answer {
    status: u16,
    headers: BTreeMap<String, String>,
    text: String,
}

impl Answer {
    fn of(response: Response) -> Self {
        let headers = response.headers().iter();
        Self {
            status: response.status().as_u16(),
            headers: headers
                .map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()))
                .collect(),
            text: response.text().unwrap(),
        }
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    fn is_page(&self) -> bool {
        self.header("content-type").starts_with("text/html")
    }
}

/// A reader of the documentation.
struct Reader {
    http: Client,
    server: Server,
}

impl Reader {
    fn new() -> Self {
        Self::of(Server::start())
    }

    fn of(server: Server) -> Self {
        Self { http: Client::new(), server }
    }

    fn get(&self, path: &str) -> Answer {
        Answer::of(self.http.get(format!("{}{path}", self.server.url)).send().unwrap())
    }

    /// The path of a link to this server, and its fragment; `None` for others.
    fn own<'a>(&self, link: &'a str) -> Option<(&'a str, Option<&'a str>)> {
        let path = link.strip_prefix(&self.server.url).or_else(|| link.starts_with('/').then_some(link))?;
        Some(path.split_once('#').map_or((path, None), |(path, fragment)| (path, Some(fragment))))
    }

    /// All pages that can be reached from the index.
    fn pages(&self) -> BTreeMap<String, Answer> {
        let mut pages = BTreeMap::new();
        let mut open = vec!["/docs".to_owned()];
        while let Some(path) = open.pop() {
            if pages.contains_key(&path) {
                continue;
            }
            let answer = self.get(&path);
            assert_eq!(answer.status, 200, "{path}");
            if answer.is_page() {
                let links = attributes(&answer.text, "href").into_iter();
                open.extend(links.filter_map(|link| Some(self.own(link)?.0.to_owned())));
            }
            pages.insert(path, answer);
        }
        pages
    }
}

/// The values of an attribute.
fn attributes<'a>(page: &'a str, name: &str) -> Vec<&'a str> {
    let start = format!(" {name}=\"");
    page.split(start.as_str()).skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The targets of links in Markdown, without those in code.
fn links(markdown: &str) -> Vec<&str> {
    let text = markdown.split("```").step_by(2);
    text.flat_map(|text| text.split("](").skip(1).map(|rest| rest.split(')').next().unwrap())).collect()
}

#[test]
fn every_link_of_every_page_leads_somewhere() {
    let reader = Reader::new();
    let pages = reader.pages();
    let guides = [
        "truelens",
        "truora",
        "mosaic",
        "vlens",
        "move-from-truora",
        "webhooks",
        "capture",
        "install",
        "operate",
    ];
    let expected = guides.map(|name| format!("/docs/{name}"));
    for path in expected.iter().map(String::as_str).chain([
        "/docs/api/truora",
        "/docs/api/truelens",
        "/docs/api/mosaic",
        "/docs/api/vlens",
        "/llms.txt",
    ]) {
        assert!(pages.contains_key(path), "{path} cannot be reached");
    }
    for (path, page) in pages.iter().filter(|(_, page)| page.is_page()) {
        for link in attributes(&page.text, "href") {
            let within = link.strip_prefix('#').map(|fragment| (path.as_str(), Some(fragment)));
            let Some((target, fragment)) = within.or_else(|| reader.own(link)) else {
                assert!(link.starts_with("https://"), "{path}: {link}");
                continue;
            };
            let ids = attributes(&pages[target].text, "id");
            assert!(fragment.is_none_or(|id| ids.contains(&id)), "{path}: {link}");
        }
        let ids = attributes(&page.text, "id");
        assert_eq!(ids.len(), ids.iter().collect::<BTreeSet<_>>().len(), "{path}: an id twice");
    }
}

#[test]
fn pages_keep_to_a_strict_policy() {
    let reader = Reader::new();
    let mut pages = reader.pages();
    pages.insert("/docs/nothing".to_owned(), reader.get("/docs/nothing"));
    for (path, page) in pages.iter().filter(|(_, page)| page.is_page()) {
        let policy = page.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'; script-src 'self'; style-src 'self'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        assert_eq!(page.header("x-content-type-options"), "nosniff");
        assert!(page.text.contains("<html lang=\"en\" dir=\"ltr\">"), "{path}");
        for script in page.text.split("<script").skip(1) {
            assert!(script.starts_with(" type=\"module\" src=\"/docs/assets/"), "{path}: {script:.80}");
            assert!(script.split_once('>').unwrap().1.starts_with("</script>"), "{path}: a script within");
        }
        for name in ["<style", " style=", " onclick=", " onsubmit=", "javascript:"] {
            assert!(!page.text.contains(name), "{path}: {name}");
        }
        for source in attributes(&page.text, "src") {
            assert!(source.starts_with("/docs/assets/"), "{path}: {source}");
        }
    }
}

#[test]
fn the_references_name_every_operation_of_their_documents() {
    let reader = Reader::new();
    for dialect in ["truora", "truelens", "mosaic", "vlens"] {
        let document: Value =
            serde_json::from_str(&reader.get(&format!("/openapi/{dialect}.json")).text).unwrap();
        let page = reader.get(&format!("/docs/api/{dialect}")).text;
        let markdown = reader.get(&format!("/docs/api/{dialect}.md")).text;
        for (path, item) in document["paths"].as_object().unwrap() {
            for method in item.as_object().unwrap().keys() {
                let title = format!("{} {path}", method.to_uppercase());
                assert!(page.contains(&format!("<code>{title}</code></h3>")), "{dialect}: {title}");
                assert!(markdown.contains(&format!("### `{title}`\n")), "{dialect}: {title}");
            }
        }
        for name in
            document["components"]["schemas"]["InitRequest"]["properties"].as_object().into_iter().flatten()
        {
            assert!(page.contains(&format!("<code>{}</code>: ", name.0)), "{name:?}");
        }
    }
}

#[test]
fn every_page_is_there_as_markdown_and_in_the_lists() {
    let reader = Reader::new();
    let list = reader.get("/llms.txt");
    assert!(list.header("content-type").starts_with("text/plain"));
    let mut lines = list.text.lines();
    assert_eq!(lines.next(), Some("# Bonafide"));
    assert!(lines.nth(1).unwrap().starts_with("> "), "a summary");
    let full = reader.get("/llms-full.txt").text;
    for (path, page) in reader.pages() {
        if !page.is_page() {
            continue;
        }
        let path = if path == "/docs" { "/docs/index.md".to_owned() } else { format!("{path}.md") };
        let markdown = reader.get(&path);
        assert_eq!(
            (markdown.status, markdown.header("content-type")),
            (200, "text/markdown; charset=utf-8"),
            "{path}"
        );
        assert!(page.text.contains(&format!("href=\"{path}\"")), "{path}: the page leads to it");
        assert!(markdown.text.starts_with("# "), "{path}");
        assert!(full.contains(&markdown.text), "{path}");
        let url = format!("({}{path})", reader.server.url);
        assert!(path == "/docs/index.md" || list.text.contains(&url), "{url}");
        for link in links(&markdown.text) {
            if let Some((target, _)) = reader.own(link) {
                assert!(link.starts_with("http"), "{path}: {link} is not absolute");
                assert_eq!(reader.get(target).status, 200, "{path}: {link}");
            } else {
                assert!(link.starts_with('#') || link.starts_with("https://"), "{path}: {link}");
            }
        }
    }
}

#[test]
fn a_page_is_sent_once_and_then_only_asked_for() {
    let reader = Reader::new();
    for path in
        ["/docs", "/docs/", "/docs/truelens", "/docs/truelens.md", "/docs/assets/docs.js", "/llms-full.txt"]
    {
        let first = reader.get(path);
        let tag = first.header("etag");
        assert!(first.status == 200 && tag.len() == 18, "{path}");
        assert_eq!(first.header("cache-control"), "no-cache", "{path}");
        let url = format!("{}{path}", reader.server.url);
        for known in [tag.to_owned(), format!("\"other\", W/{tag}"), "*".to_owned()] {
            let again = Answer::of(reader.http.get(&url).header("if-none-match", known).send().unwrap());
            assert_eq!((again.status, again.text.as_str(), again.header("etag")), (304, "", tag), "{path}");
        }
        let other = Answer::of(reader.http.get(&url).header("if-none-match", "\"other\"").send().unwrap());
        assert_eq!((other.status, other.text), (200, first.text.clone()), "{path}");
        let head = Answer::of(reader.http.head(&url).send().unwrap());
        assert_eq!((head.status, head.text.as_str(), head.header("etag")), (200, "", tag), "{path}");
        assert_eq!(head.header("content-length"), first.text.len().to_string(), "{path}");
        assert_eq!(Answer::of(reader.http.post(&url).send().unwrap()).status, 405, "{path}");
    }
    for path in ["/docs/nothing", "/docs/nothing.md", "/docs/api", "/docs/assets/docs.ts", "/docs/..%2fx"] {
        let page = reader.get(path);
        assert_eq!((page.status, page.is_page()), (404, true), "{path}");
        assert!(page.text.len() < 8_000 && page.text.contains("<h1"), "{path}");
    }
}

#[test]
fn a_dialect_that_is_off_has_no_reference_and_one_below_a_prefix_is_found_there() {
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("bonafide.toml");
    let settings = "[dialects.truora]\nenabled = false\n[dialects.truelens]\nprefix = \"/live\"\n";
    std::fs::write(&config, settings).unwrap();
    let data = folder.path().join("data");
    let reader = Reader::of(Server::start_in(&data, &["--config", config.to_str().unwrap()]));
    assert_eq!(reader.get("/docs/api/truora").status, 404);
    let page = reader.get("/docs/api/truelens").text;
    let calls = attributes(&page, "data-path");
    let expected = ["init", "status/{session_id}", "complete"];
    assert_eq!(calls, expected.map(|end| format!("/live/api/sandbox/verify/{end}")));
    let opened = reader.http.post(format!("{}{}", reader.server.url, calls[0])).body("{}").send().unwrap();
    assert_eq!(opened.status(), 200);
    reader.pages();
}
