//! `pack_fuzz::value_text` for libFuzzer.
#![no_main]
pack_fuzz::libfuzzer!(value_text);
