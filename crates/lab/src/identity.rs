//! Who is who, from a list of pairs.

use std::collections::{HashMap, HashSet};

use serde::Serialize;

use crate::FacePair;

/// Where the labels of people come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentitySource {
    /// One folder a person: every pair of the list agrees with that.
    Folders,
    /// From the pairs alone: photos of a chain of `same` pairs are one person; two people are known to differ when
    /// some pair says so.
    Pairs,
}

/// Photos with their people.
#[derive(Debug)]
pub(crate) struct Identities {
    /// Each photo once, sorted.
    pub photos: Vec<String>,
    /// Person of each photo.
    pub person: Vec<usize>,
    /// Number of people.
    pub people: usize,
    pub source: IdentitySource,
    /// Known impostor pairs of people, smaller first. Empty where all people differ.
    different: HashSet<(usize, usize)>,
    /// Row and column of each pair of the list.
    pub index: HashMap<String, usize>,
}

impl Identities {
    pub(crate) fn of(pairs: &[FacePair]) -> Self {
        let mut photos: Vec<String> =
            pairs.iter().flat_map(|pair| [pair.path1.clone(), pair.path2.clone()]).collect();
        photos.sort_unstable();
        photos.dedup();
        let index: HashMap<String, usize> =
            photos.iter().enumerate().map(|(index, photo)| (photo.clone(), index)).collect();
        let folder =
            |photo: &str| photo.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned());
        let by_folder = pairs.iter().all(|pair| (folder(&pair.path1) == folder(&pair.path2)) == pair.same);
        if by_folder {
            let mut numbers = HashMap::new();
            let person: Vec<usize> = photos
                .iter()
                .map(|photo| {
                    let next = numbers.len();
                    *numbers.entry(folder(photo)).or_insert(next)
                })
                .collect();
            let people = numbers.len();
            return Self {
                photos,
                person,
                people,
                source: IdentitySource::Folders,
                different: HashSet::new(),
                index,
            };
        }
        let mut parent: Vec<usize> = (0..photos.len()).collect();
        for pair in pairs.iter().filter(|pair| pair.same) {
            let (a, b) = (root(&mut parent, index[&pair.path1]), root(&mut parent, index[&pair.path2]));
            parent[a.max(b)] = a.min(b);
        }
        let mut numbers = HashMap::new();
        let person: Vec<usize> = (0..photos.len())
            .map(|photo| {
                let next = numbers.len();
                *numbers.entry(root(&mut parent, photo)).or_insert(next)
            })
            .collect();
        let different = pairs
            .iter()
            .filter(|pair| !pair.same)
            .map(|pair| ordered(person[index[&pair.path1]], person[index[&pair.path2]]))
            .collect();
        let people = numbers.len();
        Self { photos, person, people, source: IdentitySource::Pairs, different, index }
    }

    /// Whether two photos show one person; `None` where the list does not say.
    pub(crate) fn same(&self, a: usize, b: usize) -> Option<bool> {
        let (a, b) = (self.person[a], self.person[b]);
        if a == b {
            Some(true)
        } else if self.source == IdentitySource::Folders || self.different.contains(&ordered(a, b)) {
            Some(false)
        } else {
            None
        }
    }
}

fn ordered(a: usize, b: usize) -> (usize, usize) {
    (a.min(b), a.max(b))
}

fn root(parent: &mut [usize], mut photo: usize) -> usize {
    while parent[photo] != photo {
        parent[photo] = parent[parent[photo]];
        photo = parent[photo];
    }
    photo
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pair(path1: &str, path2: &str, same: bool) -> FacePair {
        FacePair { path1: path1.to_owned(), path2: path2.to_owned(), same, fold: None, set: None }
    }

    #[test]
    fn folders_name_people_where_every_pair_agrees() {
        let identities = Identities::of(&[
            pair("set/ann/1.jpg", "set/ann/2.jpg", true),
            pair("set/ann/1.jpg", "set/bob/1.jpg", false),
            pair("set/cem/1.jpg", "set/bob/2.jpg", false),
        ]);
        assert_eq!(
            (identities.source, identities.people, identities.photos.len()),
            (IdentitySource::Folders, 3, 5)
        );
        let at = |photo: &str| identities.index[photo];
        assert_eq!(identities.same(at("set/bob/1.jpg"), at("set/bob/2.jpg")), Some(true));
        assert_eq!(identities.same(at("set/ann/2.jpg"), at("set/cem/1.jpg")), Some(false));
    }

    #[test]
    fn one_folder_for_all_leaves_only_what_the_pairs_say() {
        let identities = Identities::of(&[
            pair("all/a1.jpg", "all/a2.jpg", true),
            pair("all/a2.jpg", "all/a3.jpg", true),
            pair("all/a1.jpg", "all/b1.jpg", false),
            pair("all/c1.jpg", "all/c2.jpg", true),
        ]);
        let at = |photo: &str| identities.index[&format!("all/{photo}.jpg")];
        assert_eq!(identities.source, IdentitySource::Pairs);
        assert_eq!(identities.same(at("a1"), at("a3")), Some(true));
        assert_eq!(identities.same(at("a3"), at("b1")), Some(false));
        assert_eq!(identities.same(at("a1"), at("c1")), None);
    }
}
