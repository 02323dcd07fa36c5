//! Markdown to HTML, and Markdown with other links.

use std::collections::BTreeMap;

use pulldown_cmark::{CowStr, Event, LinkType, Options, Parser, Tag, TagEnd, html};

use super::guides::Target;

/// The name of a heading in links, as code forges make it.
pub(super) fn slug(heading: &str) -> String {
    let kept = heading.trim().chars().filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).flat_map(char::to_lowercase).collect()
}

/// The text of the first heading.
pub(super) fn title(markdown: &str) -> String {
    let events =
        Parser::new(markdown).skip_while(|event| !matches!(event, Event::Start(Tag::Heading { .. })));
    text_of(events.take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_)))))
}

fn text_of<'a>(events: impl Iterator<Item = Event<'a>>) -> String {
    events
        .filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(text.into_string()),
            Event::SoftBreak => Some(" ".to_owned()),
            _ => None,
        })
        .collect()
}

/// `markdown` with each link set anew; what leads nowhere becomes plain text.
pub(super) fn relink(markdown: &str, target: impl Fn(&str) -> Target) -> String {
    let mut linked = String::with_capacity(markdown.len());
    let mut done = 0;
    for (event, range) in Parser::new_ext(markdown, Options::ENABLE_TABLES).into_offset_iter() {
        let Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url, .. }) = event else { continue };
        let source = &markdown[range.clone()];
        let Some((text, _)) = source.rsplit_once("](") else { continue };
        let text = text.strip_prefix('[').unwrap_or(text);
        linked.push_str(&markdown[done..range.start]);
        match target(&dest_url) {
            Target::Kept => linked.push_str(source),
            Target::Here(url) => linked.extend(["[", text, "](", &url, ")"]),
            Target::Nowhere => linked.push_str(text),
        }
        done = range.end;
    }
    linked.push_str(&markdown[done..]);
    linked
}

/// Writes HTML. Headings get names that are unique within the page.
#[derive(Default)]
pub(super) struct Renderer {
    slugs: BTreeMap<String, usize>,
}

impl Renderer {
    pub(super) fn render(&mut self, markdown: &str) -> String {
        let mut events: Vec<Event<'_>> = Parser::new_ext(markdown, Options::ENABLE_TABLES).collect();
        for at in 0..events.len() {
            let name = self.name(&events[at..]);
            match &mut events[at] {
                Event::Start(Tag::Heading { id, .. }) => *id = name,
                // What looks like HTML is shown as it is written.
                Event::Html(text) | Event::InlineHtml(text) => {
                    let text = std::mem::replace(text, CowStr::Borrowed(""));
                    events[at] = Event::Text(text);
                }
                _ => (),
            }
        }
        let mut page = String::with_capacity(markdown.len() * 2);
        html::push_html(&mut page, events.into_iter());
        // What may be wider than a phone scrolls by itself, by the keyboard too.
        page.replace("<pre>", "<pre tabindex=\"0\">")
            .replace(
                "<table>",
                "<div class=\"table\" role=\"region\" aria-label=\"Table\" tabindex=\"0\"><table>",
            )
            .replace("</table>", "</table></div>")
    }

    /// The name of the heading that `events` begin with.
    fn name<'a>(&mut self, events: &[Event<'a>]) -> Option<CowStr<'a>> {
        let [Event::Start(Tag::Heading { .. }), rest @ ..] = events else { return None };
        let text = rest.iter().take_while(|event| !matches!(event, Event::End(TagEnd::Heading(_)))).cloned();
        let slug = slug(&text_of(text));
        let before = self.slugs.entry(slug.clone()).or_default();
        *before += 1;
        Some(if *before == 1 { slug.into() } else { format!("{slug}-{}", *before - 1).into() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_html_is_text() {
        let page = Renderer::default().render("<script>x</script>\n\na <b>c</b> `<i>`\n");
        assert!(!page.contains("<script") && !page.contains("<b>") && !page.contains("<i>"), "{page}");
        assert!(page.contains("&lt;script&gt;x&lt;/script&gt;"), "{page}");
    }

    #[test]
    fn headings_have_names_of_their_own() {
        let page = Renderer::default().render("# A `GET /b/{c}`\n\n## Same\n\n## Same\n");
        for id in ["a-get-bc", "same", "same-1"] {
            assert!(page.contains(&format!("id=\"{id}\"")), "{page}");
        }
    }

    #[test]
    fn links_are_set_anew_and_the_rest_stays() {
        let text = "See [a *b*](x.md), [`c`](gone.md) | [d](#e) and `[f](x.md)`.\n\n```\n[g](x.md)\n```\n";
        let linked = relink(text, |link| match link {
            "x.md" => Target::Here("/docs/x".to_owned()),
            "gone.md" => Target::Nowhere,
            _ => Target::Kept,
        });
        assert_eq!(linked, "See [a *b*](/docs/x), `c` | [d](#e) and `[f](x.md)`.\n\n```\n[g](x.md)\n```\n");
        assert_eq!(title("text\n\n# The `title`\n"), "The title");
    }
}
