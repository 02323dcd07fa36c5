//! All pages together.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use askama::Template;
use serde_json::Value;

use super::file::File;
use super::guides::{GUIDES, Target, target};
use super::markdown::{Renderer, relink, title};
use super::path_of;
use super::reference::{self, Part};

const HTML: &str = "text/html; charset=utf-8";
const MARKDOWN: &str = "text/markdown; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

/// Scripts, styles and pictures of the pages.
const ASSETS: [(&str, &str, &str); 3] = [
    ("docs.js", "text/javascript; charset=utf-8", include_str!("../../../../web/docs/docs.js")),
    ("docs.css", "text/css; charset=utf-8", include_str!("../../../../web/docs/docs.css")),
    ("icon.svg", "image/svg+xml", include_str!("../../../../web/capture/icon.svg")),
];

const ABOUT: &str = "A server of your own that answers whether the person in front of a camera is a live human and the \
                     person of a reference photo. It speaks the HTTP APIs of other services.";

const NOTHING: &str = "# There is no such page\n\n[All pages](/docs) are listed on one.\n";

/// Everything that is served, by path.
pub(super) struct Site {
    files: BTreeMap<String, File>,
    nothing: File,
}

/// A page, before it is written.
struct Page {
    /// As `/docs/truelens`.
    path: String,
    /// The path in the repository that its links start from.
    file: &'static str,
    title: String,
    about: String,
    parts: Vec<Part>,
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Sheet<'a> {
    root: &'a str,
    title: &'a str,
    markdown: Option<String>,
    groups: [(&'a str, &'a [Page]); 2],
    path: &'a str,
    has_calls: bool,
    content: &'a str,
}

impl Site {
    /// Writes all pages. `documents` are the dialects' names and OpenAPI documents.
    pub(super) fn write(documents: &[(&str, Arc<str>)], public_url: &str) -> askama::Result<Self> {
        let references: Vec<_> =
            documents.iter().map(|(dialect, document)| reference(dialect, document)).collect();
        let guides: Vec<_> = GUIDES.iter().map(guide).collect();
        let index = index(documents, &references, &guides);
        let writer = Writer {
            public_url,
            root: path_of(public_url),
            groups: [("API reference", &references), ("Guides", &guides)],
        };

        let mut files = BTreeMap::new();
        let mut full = String::new();
        for page in [&index].into_iter().chain(&references).chain(&guides) {
            let markdown = writer.markdown(page);
            let _ = writeln!(full, "<{}>\n\n{markdown}\n", writer.markdown_url(&page.path));
            files.insert(page.path.clone(), File::new(HTML, writer.html(page)?));
            if page.path == index.path {
                files.insert("/llms.txt".to_owned(), File::new(TEXT, markdown.clone()));
            }
            files.insert(markdown_path(&page.path), File::new(MARKDOWN, markdown));
        }
        files.insert("/llms-full.txt".to_owned(), File::new(TEXT, full));
        for (name, kind, content) in ASSETS {
            files.insert(format!("/docs/assets/{name}"), File::new(kind, content));
        }
        let nothing = page("", "", String::new(), NOTHING);
        Ok(Self { files, nothing: File::new(HTML, writer.html(&nothing)?) })
    }

    /// What is at `path`.
    pub(super) fn find(&self, path: &str) -> Option<&File> {
        self.files.get(path.strip_suffix('/').unwrap_or(path))
    }

    /// The page for a path where there is none.
    pub(super) fn nothing(&self) -> &File {
        &self.nothing
    }
}

fn page(path: &str, file: &'static str, about: String, text: &str) -> Page {
    let parts = vec![Part::Markdown(text.to_owned())];
    Page { path: path.to_owned(), file, title: title(text), about, parts }
}

fn guide(guide: &super::guides::Guide) -> Page {
    page(&format!("/docs/{}", guide.name), guide.file, guide.about.to_owned(), guide.text)
}

fn reference(dialect: &str, document: &str) -> Page {
    // It was written by this program, as JSON.
    let document: Value = serde_json::from_str(document).unwrap_or_default();
    Page {
        path: format!("/docs/api/{dialect}"),
        file: "",
        title: reference::title(&document),
        about: "every operation with its parameters, fields, answers and errors".to_owned(),
        parts: reference::parts(dialect, &document),
    }
}

/// The list of all pages: the form is that of llmstxt.org.
fn index(documents: &[(&str, Arc<str>)], references: &[Page], guides: &[Page]) -> Page {
    let mut text = format!("# Bonafide\n\n> {ABOUT}\n");
    for (title, pages) in [("API reference", references), ("Guides", guides)] {
        let _ = writeln!(text, "\n## {title}\n");
        for page in pages {
            let _ = writeln!(text, "- [{}]({}): {}", page.title, page.path, page.about);
        }
    }
    text.push_str("\n## For programs\n\n");
    for (dialect, _) in documents {
        let _ = writeln!(
            text,
            "- [{dialect}.json](/openapi/{dialect}.json): the OpenAPI 3.1 document of that API"
        );
    }
    text.push_str(
        "- [llms.txt](/llms.txt): this list with links to pages as Markdown; add `.md` to the path of any page\n\
         - [llms-full.txt](/llms-full.txt): all pages as one text\n",
    );
    page("/docs", "", ABOUT.to_owned(), &text)
}

/// Where the same page is as Markdown.
fn markdown_path(path: &str) -> String {
    if path == "/docs" { "/docs/index.md".to_owned() } else { format!("{path}.md") }
}

struct Writer<'a> {
    public_url: &'a str,
    /// The path that a proxy takes away.
    root: &'a str,
    groups: [(&'a str, &'a [Page]); 2],
}

impl Writer<'_> {
    fn markdown_url(&self, path: &str) -> String {
        format!("{}{}", self.public_url, markdown_path(path))
    }

    /// The page as Markdown: links are absolute, and lead to pages as Markdown.
    fn markdown(&self, page: &Page) -> String {
        let mut text = String::new();
        for part in &page.parts {
            let Part::Markdown(part) = part else { continue };
            text += &relink(part, |link| match target(page.file, link) {
                Target::Here(link) if link.starts_with("/docs") => {
                    let (path, fragment) = link.split_at(link.find('#').unwrap_or(link.len()));
                    Target::Here(format!("{}{fragment}", self.markdown_url(path)))
                }
                Target::Here(link) => Target::Here(format!("{}{link}", self.public_url)),
                other => other,
            });
        }
        text
    }

    fn html(&self, page: &Page) -> askama::Result<String> {
        let mut content = String::new();
        let mut renderer = Renderer::default();
        for part in &page.parts {
            content += &match part {
                Part::Markdown(text) => {
                    renderer.render(&relink(text, |link| match target(page.file, link) {
                        Target::Here(link) => Target::Here(format!("{}{link}", self.root)),
                        other => other,
                    }))
                }
                Part::Call(call) => call.render()?,
            };
        }
        Sheet {
            root: self.root,
            title: &page.title,
            markdown: (!page.path.is_empty()).then(|| markdown_path(&page.path)),
            groups: self.groups,
            path: &page.path,
            has_calls: page.parts.iter().any(|part| matches!(part, Part::Call(_))),
            content: &content,
        }
        .render()
    }
}
