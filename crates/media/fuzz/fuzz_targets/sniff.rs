//! No file makes the sniffing panic, and what it names keeps its name when more bytes follow.

#![no_main]

use libfuzzer_sys::fuzz_target;
use media::video::sniff;

fuzz_target!(|bytes: &[u8]| {
    if let Some(container) = sniff(bytes) {
        let longer = [bytes, &[0; 64]].concat();
        assert_eq!(sniff(&longer), Some(container));
    }
});
