//! The pass over the 8-bit forms. The compiler makes vector code of the loops; this picks the widest that the
//! processor has.

use super::quantized::{Code, Query, Terms};
#[cfg(target_arch = "x86_64")]
use crate::face::compare::EMBEDDING_LENGTH;

/// Members that are looked at together: their bounds stay in the first cache.
pub(super) const BLOCK: usize = 64;

/// A way through a block that this processor can go: none is made but by [`available`](Self::available).
#[derive(Clone, Copy, Debug)]
pub(super) struct Kernel(Way);

#[derive(Clone, Copy, Debug)]
enum Way {
    Portable,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

impl Kernel {
    /// Those that this processor can go, the fastest last.
    pub(super) fn available() -> Vec<Self> {
        let mut ways = vec![Way::Portable];
        #[cfg(target_arch = "x86_64")]
        {
            if is_x86_feature_detected!("avx2") {
                ways.push(Way::Avx2);
            }
            let avx512 = is_x86_feature_detected!("avx512f") && is_x86_feature_detected!("avx512bw");
            if avx512 && is_x86_feature_detected!("avx512dq") && is_x86_feature_detected!("avx512vl") {
                ways.push(Way::Avx512);
            }
        }
        ways.into_iter().map(Self).collect()
    }

    pub(super) fn fastest() -> Self {
        Self::available().pop().unwrap_or(Self(Way::Portable))
    }

    /// Whether the bound of one of these members, at most [`BLOCK`], is at least `limit`. All bounds are left in
    /// `bounds`.
    #[cfg_attr(
        target_arch = "x86_64",
        expect(
            unsafe_code,
            reason = "functions for features that the processor may lack can be called no other way"
        )
    )]
    pub(super) fn any_reaches(
        self,
        query: &Query,
        codes: &[Code],
        terms: &[Terms],
        limit: f32,
        bounds: &mut [f32; BLOCK],
    ) -> bool {
        match self.0 {
            Way::Portable => pass(plain, query, codes, terms, limit, bounds),
            // SAFETY: the function is safe but for its features, and `available` found them.
            #[cfg(target_arch = "x86_64")]
            Way::Avx2 => unsafe { pass_avx2(query, codes, terms, limit, bounds) },
            // SAFETY: as above.
            #[cfg(target_arch = "x86_64")]
            Way::Avx512 => unsafe { pass_avx512(query, codes, terms, limit, bounds) },
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512bw,avx512dq,avx512vl")]
fn pass_avx512(
    query: &Query,
    codes: &[Code],
    terms: &[Terms],
    limit: f32,
    bounds: &mut [f32; BLOCK],
) -> bool {
    pass(plain, query, codes, terms, limit, bounds)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn pass_avx2(query: &Query, codes: &[Code], terms: &[Terms], limit: f32, bounds: &mut [f32; BLOCK]) -> bool {
    pass(paired, query, codes, terms, limit, bounds)
}

#[expect(clippy::inline_always, reason = "it is compiled once for each set of features")]
#[inline(always)]
fn pass(
    product: impl Fn(&Code, &Code) -> i32,
    query: &Query,
    codes: &[Code],
    terms: &[Terms],
    limit: f32,
    bounds: &mut [f32; BLOCK],
) -> bool {
    let mut products = [0; BLOCK];
    for (slot, code) in products.iter_mut().zip(codes) {
        *slot = product(code, &query.code);
    }
    let mut reached = 0_u32;
    for ((bound, product), terms) in bounds.iter_mut().zip(products).zip(terms) {
        *bound = query.bound(product, *terms);
        reached += u32::from(*bound >= limit);
    }
    reached > 0
}

/// The product of two codes.
#[expect(clippy::inline_always, reason = "as `pass`")]
#[inline(always)]
fn plain(a: &Code, b: &Code) -> i32 {
    a.0.iter().zip(b.0).map(|(a, b)| i32::from(*a) * i32::from(b)).sum()
}

/// The same, in the order in which AVX2 multiplies and adds pairs: LLVM 22 makes code of it that takes 0.7 of the
/// time of what it makes of `plain`. With SSE2 alone it is the other way round.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
fn paired(a: &Code, b: &Code) -> i32 {
    const LANES: usize = 16;
    let mut sums = [0; LANES];
    for part in 0..EMBEDDING_LENGTH / (2 * LANES) {
        for (lane, sum) in sums.iter_mut().enumerate() {
            let at = 2 * (part * LANES + lane);
            *sum += i32::from(a.0[at]) * i32::from(b.0[at]) + i32::from(a.0[at + 1]) * i32::from(b.0[at + 1]);
        }
    }
    sums.iter().sum()
}
