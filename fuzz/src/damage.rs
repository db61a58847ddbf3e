//! Bytes damaged, the same way each time.

use crate::common::random::Choices;

/// The bytes after one to four changes, which depend on the seed alone.
pub fn damaged(data: &[u8], seed: u64) -> Vec<u8> {
    let choices = &mut Choices::seeded(seed, 64);
    let mut data = data.to_vec();
    for _ in 0..=choices.below(4) {
        let start = choices.below(data.len() + 1);
        let end = (start + choices.below(8)).min(data.len());
        match choices.below(7) {
            0 => data.truncate(start),
            1 => drop(data.drain(start..end)),
            2 => data.insert(start, choices.byte()),
            3 => {
                let again = data[start..end].to_vec();
                data.splice(start..start, again);
            }
            4 => {
                let number = *choices.pick(&[
                    0,
                    1,
                    0x7f,
                    0x80,
                    0xff,
                    0xffff,
                    i32::MAX.cast_unsigned(),
                    u32::MAX,
                ]);
                data.splice(start..end, number.to_le_bytes());
            }
            5 => data[start..end].reverse(),
            _ => {
                for byte in &mut data[start..end] {
                    *byte ^= choices.byte();
                }
            }
        }
    }
    data
}
