//! One-to-many: the member of a gallery whose face is most like a probe's. In memory, exact.
//!
//! A search reads every member's 8-bit form, about 136 bytes in a row, and asks of each whether its cosine can still
//! reach the limit: the threshold, or the best cosine so far. The answer is a bound that rounding cannot break (see
//! `quantized`), so that only members that are surely under the limit are passed over. For the others, which are few,
//! the cosine is computed as [`Embedding::cosine`] does. So the result is that of comparing with every member one by
//! one, to the bit. A gallery in which very many members are nearly as like the probe as the best one is searched
//! just as exactly, but more slowly.

mod quantized;
mod scan;

use std::collections::HashMap;
use std::fmt;
use std::hash::Hash;

use domain::TemplateIds;

use self::quantized::{Code, Query, Terms};
use self::scan::{BLOCK, Kernel};
use super::compare::{Embedding, Incomparable, Template};

/// Faces under keys, all of one model, preprocessing and calibration. About 700 bytes a member with a key of 16.
///
/// `K` is what the caller knows a member by, such as 16 random bytes.
pub struct Gallery<K> {
    ids: TemplateIds,
    /// The 8-bit forms, apart from all else: what every search reads.
    codes: Vec<Code>,
    /// What the bound takes of each member beside its code.
    terms: Vec<Terms>,
    /// Read for the few members that may reach the limit.
    embeddings: Vec<Embedding>,
    keys: Vec<K>,
    /// Where each key's member lies.
    rows: HashMap<K, usize>,
    kernel: Kernel,
}

/// A member found by a search.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Hit<K> {
    /// Its key.
    pub key: K,
    /// Cosine to the probe, -1..1.
    pub cosine: f32,
}

impl<K: Copy + Ord + Hash> Gallery<K> {
    /// An empty gallery for templates with `ids`.
    pub fn new(ids: TemplateIds) -> Self {
        Self {
            ids,
            codes: Vec::new(),
            terms: Vec::new(),
            embeddings: Vec::new(),
            keys: Vec::new(),
            rows: HashMap::new(),
            kernel: Kernel::fastest(),
        }
    }

    /// What made the templates of all members.
    pub fn ids(&self) -> &TemplateIds {
        &self.ids
    }

    /// Number of members.
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether it has no member.
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Adds a member, or replaces the one under `key`.
    ///
    /// # Errors
    /// [`Incomparable`] when `template` has other ids than the gallery; nothing is changed then.
    pub fn insert(&mut self, key: K, template: &Template) -> Result<(), Incomparable> {
        self.check(template)?;
        let (code, terms) = quantized::encode(&template.embedding);
        if let Some(&row) = self.rows.get(&key) {
            self.codes[row] = code;
            self.terms[row] = terms;
            self.embeddings[row] = template.embedding.clone();
        } else {
            self.rows.insert(key, self.keys.len());
            self.codes.push(code);
            self.terms.push(terms);
            self.embeddings.push(template.embedding.clone());
            self.keys.push(key);
        }
        Ok(())
    }

    /// Takes the member under `key` out; whether there was one. The last member moves to its place, so that no hole
    /// is left to be read.
    pub fn remove(&mut self, key: &K) -> bool {
        let Some(row) = self.rows.remove(key) else { return false };
        self.codes.swap_remove(row);
        self.terms.swap_remove(row);
        self.embeddings.swap_remove(row);
        self.keys.swap_remove(row);
        if let Some(moved) = self.keys.get(row) {
            self.rows.insert(*moved, row);
        }
        true
    }

    /// The member most like `probe`, if its cosine is at least `least_cosine`; of equally good ones that with the
    /// smallest key. One thread; no member reaches a threshold that is not a number.
    ///
    /// # Errors
    /// [`Incomparable`] when `probe` has other ids than the gallery.
    pub fn search(&self, probe: &Template, least_cosine: f32) -> Result<Option<Hit<K>>, Incomparable> {
        self.check(probe)?;
        let mut best: Option<Hit<K>> = None;
        self.scan(&probe.embedding, least_cosine, |hit| {
            if best.is_none_or(|best| hit.is_before(&best)) {
                best = Some(hit);
            }
            hit.cosine
        });
        Ok(best)
    }

    /// The `count` members most like `probe`, best first, equally good ones by key. For measuring; it keeps the list
    /// sorted, so `count` should be small.
    ///
    /// # Errors
    /// [`Incomparable`] when `probe` has other ids than the gallery.
    pub fn nearest(&self, probe: &Template, count: usize) -> Result<Vec<Hit<K>>, Incomparable> {
        self.check(probe)?;
        let mut best: Vec<Hit<K>> = Vec::new();
        if count == 0 {
            return Ok(best);
        }
        self.scan(&probe.embedding, f32::NEG_INFINITY, |hit| {
            let place = best.partition_point(|better| better.is_before(&hit));
            best.insert(place, hit);
            best.truncate(count);
            if best.len() < count { f32::NEG_INFINITY } else { best[count - 1].cosine }
        });
        Ok(best)
    }

    /// Shows `keep` every member whose cosine is at least the limit: first `limit`, then what `keep` last answered,
    /// which must not be lower.
    fn scan(&self, probe: &Embedding, mut limit: f32, mut keep: impl FnMut(Hit<K>) -> f32) {
        let query = Query::of(probe);
        let mut bounds = [0.0; BLOCK];
        let blocks = self.codes.chunks(BLOCK).zip(self.terms.chunks(BLOCK));
        for (block, (codes, terms)) in blocks.enumerate() {
            if !self.kernel.any_reaches(&query, codes, terms, limit, &mut bounds) {
                continue;
            }
            for (row, bound) in (block * BLOCK..).zip(&bounds[..codes.len()]) {
                if *bound >= limit {
                    let cosine = probe.cosine(&self.embeddings[row]);
                    if cosine >= limit {
                        limit = keep(Hit { key: self.keys[row], cosine });
                    }
                }
            }
        }
    }

    fn check(&self, template: &Template) -> Result<(), Incomparable> {
        if template.ids == self.ids {
            Ok(())
        } else {
            Err(Incomparable { ids: Box::new([template.ids.clone(), self.ids.clone()]) })
        }
    }
}

impl<K: Ord> Hit<K> {
    /// Whether it is the better hit, or an equally good one with the smaller key.
    fn is_before(&self, other: &Self) -> bool {
        self.cosine > other.cosine || (self.cosine == other.cosine && self.key < other.key)
    }
}

impl<K> fmt::Debug for Gallery<K> {
    /// Neither faces nor keys have a place in a log line.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gallery")
            .field("ids", &self.ids)
            .field("len", &self.keys.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
