use domain::TemplateIds;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::face::compare::EMBEDDING_LENGTH;

fn ids(model: &str) -> TemplateIds {
    TemplateIds { model: model.to_owned(), preprocessing: "p".to_owned(), calibration: "c".to_owned() }
}

fn template(raw: &[f32; EMBEDDING_LENGTH]) -> Template {
    let mut raw = *raw;
    // What has no direction is given one.
    if raw.iter().all(|value| value.abs() < 1e-3) {
        raw[0] = 1.0;
    }
    Template { ids: ids("m"), embedding: Embedding::from_raw(&raw).unwrap() }
}

/// Faces that make a bound fail if any do: spread, on one number alone, and in clusters so tight that their cosines
/// differ in the last bits or not at all.
fn faces() -> impl Strategy<Value = Template> {
    let spread = proptest::array::uniform::<_, EMBEDDING_LENGTH>(-1.0_f32..1.0);
    let alone = (0..EMBEDDING_LENGTH, prop_oneof![Just(0.0), Just(1e-4), Just(3e-3), Just(0.05)]);
    let alone = alone.prop_map(|(at, rest): (usize, f32)| {
        let mut raw = [rest; EMBEDDING_LENGTH];
        raw[at] = -1.0;
        raw
    });
    let tight = (0..3_usize, 0..EMBEDDING_LENGTH, prop_oneof![Just(0.0), Just(1e-6), Just(1e-3), Just(0.1)]);
    let tight = tight.prop_map(|(centre, at, off): (usize, usize, f32)| {
        let mut raw = std::array::from_fn(|index| ((index * (centre + 3)) as f32).sin());
        raw[at] += off;
        raw
    });
    prop_oneof![3 => spread, 1 => alone, 3 => tight].prop_map(|raw| template(&raw))
}

#[derive(Debug, Clone)]
enum Change {
    Insert(u8, Box<Template>),
    Remove(u8),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let insert = (any::<u8>(), faces()).prop_map(|(key, face)| Change::Insert(key, Box::new(face)));
    vec(prop_oneof![4 => insert, 1 => any::<u8>().prop_map(Change::Remove)], 0..300)
}

/// Everything with its cosine, best first, equals by key: the search without any of its means.
fn brute(members: &HashMap<u8, Template>, probe: &Template) -> Vec<Hit<u8>> {
    let cosine = |face: &Template| probe.embedding.cosine(&face.embedding);
    let mut all: Vec<_> = members.iter().map(|(key, face)| Hit { key: *key, cosine: cosine(face) }).collect();
    all.sort_by(|a, b| b.cosine.total_cmp(&a.cosine).then(a.key.cmp(&b.key)));
    all
}

proptest! {
    #[test]
    fn a_search_finds_what_comparing_with_everyone_finds(
        changes in changes(), probes in vec(faces(), 1..4), count in 0..20_usize, share in 0.0_f32..1.0,
    ) {
        for kernel in Kernel::available() {
            let mut gallery = Gallery::new(ids("m"));
            gallery.kernel = kernel;
            let mut members = HashMap::new();
            for change in &changes {
                match change {
                    Change::Insert(key, face) => {
                        gallery.insert(*key, face).unwrap();
                        members.insert(*key, Template::clone(face));
                    }
                    Change::Remove(key) => {
                        prop_assert_eq!(gallery.remove(key), members.remove(key).is_some());
                    }
                }
            }
            prop_assert_eq!(gallery.len(), members.len());
            prop_assert_eq!(gallery.is_empty(), members.is_empty());
            // A member is a probe too: the best cosine is then 1, or next to it.
            let enrolled = members.values().next().cloned();
            for probe in probes.iter().cloned().chain(enrolled) {
                let all = brute(&members, &probe);
                prop_assert_eq!(gallery.nearest(&probe, count).unwrap(), &all[..count.min(all.len())]);
                // On a cosine that occurs, just beside it, and where nothing or everything passes.
                let occurs = all.get((all.len() as f32 * share) as usize).map_or(0.5, |hit| hit.cosine);
                for least in [occurs, occurs.next_up(), occurs.next_down(), -2.0, -1.0, 0.0, 1.0, 2.0] {
                    let expected = all.first().filter(|hit| hit.cosine >= least).copied();
                    prop_assert_eq!(gallery.search(&probe, least).unwrap(), expected, "at least {}", least);
                }
                let best = all.first().map_or(0.0, |hit| hit.cosine);
                prop_assert_eq!(gallery.search(&probe, best).unwrap(), all.first().copied());
                prop_assert_eq!(gallery.search(&probe, best.next_up()).unwrap(), None);
                prop_assert_eq!(gallery.search(&probe, f32::NAN).unwrap(), None);
            }
        }
    }

    #[test]
    fn a_bound_is_never_under_the_cosine_nor_far_above(probe in faces(), member in faces()) {
        let (code, terms) = quantized::encode(&member.embedding);
        let cosine = probe.embedding.cosine(&member.embedding);
        for kernel in Kernel::available() {
            let mut bounds = [f32::NAN; BLOCK];
            let query = Query::of(&probe.embedding);
            prop_assert!(kernel.any_reaches(&query, &[code], &[terms], cosine, &mut bounds));
            prop_assert!(bounds[0] >= cosine && bounds[0] < cosine + 0.2, "{} for {}", bounds[0], cosine);
        }
    }

    #[test]
    fn every_kernel_computes_the_same_numbers(probe in faces(), members in vec(faces(), 1..=BLOCK), limit in -1.0_f32..1.0) {
        let (codes, terms): (Vec<_>, Vec<_>) =
            members.iter().map(|member| quantized::encode(&member.embedding)).unzip();
        let results = Kernel::available().into_iter().map(|kernel| {
            let mut bounds = [0.0; BLOCK];
            let reached = kernel.any_reaches(&Query::of(&probe.embedding), &codes, &terms, limit, &mut bounds);
            (reached, bounds.map(f32::to_bits))
        });
        let results: Vec<_> = results.collect();
        prop_assert_eq!(results[0].0, results[0].1[..codes.len()].iter().any(|bound| f32::from_bits(*bound) >= limit));
        prop_assert!(results.iter().all(|result| *result == results[0]));
    }
}

#[test]
fn templates_of_another_model_neither_enter_nor_search() {
    let face = template(&[1.0; EMBEDDING_LENGTH]);
    let other = Template { ids: ids("another"), ..face.clone() };
    let mut gallery = Gallery::new(ids("m"));
    assert!(gallery.insert(1, &other).is_err());
    assert!(gallery.is_empty());
    gallery.insert(1, &face).unwrap();
    assert!(gallery.search(&other, -1.0).is_err());
    assert!(gallery.nearest(&other, 1).is_err());
    let hit = gallery.search(&face, 0.9).unwrap().unwrap();
    assert_eq!((hit.key, gallery.ids()), (1, &ids("m")));
}

#[test]
fn a_replaced_or_removed_face_is_found_no_more() {
    let axis = |at: usize| {
        let mut raw = [0.0; EMBEDDING_LENGTH];
        raw[at] = 1.0;
        template(&raw)
    };
    let mut gallery = Gallery::new(ids("m"));
    for key in 0..3_u8 {
        gallery.insert(key, &axis(key.into())).unwrap();
    }
    gallery.insert(0, &axis(9)).unwrap();
    assert!(gallery.remove(&1) && !gallery.remove(&1));
    let key_of = |at: usize| gallery.search(&axis(at), 0.5).unwrap().map(|hit| hit.key);
    assert_eq!([0, 9, 1, 2].map(key_of), [None, Some(0), None, Some(2)]);
    assert_eq!(gallery.len(), 2);
}

#[test]
fn a_gallery_prints_no_member() {
    let mut gallery = Gallery::new(ids("m"));
    gallery.insert(77_777_u32, &template(&[1.0; EMBEDDING_LENGTH])).unwrap();
    let text = format!("{gallery:?}");
    assert!(text.contains("len: 1") && !text.contains("77777"), "{text}");
}
