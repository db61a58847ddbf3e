//! `pack_fuzz::call` for libFuzzer.
#![no_main]
pack_fuzz::libfuzzer!(call);
