use super::TypeInfo;
use super::info::Part;

/// The most types a search can keep in mind. Small numbers are tried first, since the compiler is slow at preparing
/// room it does not use.
const FEW: usize = 1 << 7;
const MANY: usize = 1 << 14;

/// Whether the parts of a type lead to the type with the number `goal`.
#[allow(
    clippy::panic,
    reason = "it is the compiler that panics, with an error at the type"
)]
pub(crate) const fn leads_to(start: &'static TypeInfo, goal: u64) -> bool {
    match search::<FEW>(start, goal) {
        Some(found) => found,
        None => match search::<MANY>(start, goal) {
            Some(found) => found,
            None => panic!(
                "too many types to find out whether this one lies on a cycle: say `#[pack(recursive)]` if it does, \
                 and `#[pack(recursive = false)]` if it does not"
            ),
        },
    }
}

/// The same, unless it would have to keep more than three quarters of `ROOM` types in mind.
///
/// It does not recurse: the compiler allows little depth.
#[inline(never)]
#[allow(
    clippy::indexing_slicing,
    reason = "there are no other ways in a const fn, and the compiler runs it"
)]
const fn search<const ROOM: usize>(start: &'static TypeInfo, goal: u64) -> Option<bool> {
    // The numbers of the types met, as a hash table; and those of them whose parts are still to be looked at.
    let (mut met, mut count) = ([None::<u64>; ROOM], 0);
    let (mut open, mut top) = ([None::<&'static TypeInfo>; ROOM], 0);
    let mut next = Some(start);
    while let Some(info) = next {
        let mut at = 0;
        loop {
            let part = match info.part(at) {
                Part::Type(part) => part.get(),
                Part::Nothing => {
                    at += 1;
                    continue;
                }
                Part::End => break,
            };
            at += 1;
            let id = part.identity.id();
            if id == goal {
                return Some(true);
            }
            if matches!(part.part(0), Part::End) {
                continue;
            }
            let mut slot = slot_of::<ROOM>(id);
            loop {
                match met[slot] {
                    Some(other) if other == id => break,
                    Some(_) => slot = (slot + 1) % ROOM,
                    None => {
                        if count == ROOM / 4 * 3 {
                            return None;
                        }
                        met[slot] = Some(id);
                        open[top] = Some(part);
                        (count, top) = (count + 1, top + 1);
                        break;
                    }
                }
            }
        }
        next = match top {
            0 => None,
            _ => {
                top -= 1;
                open[top]
            }
        };
    }
    Some(false)
}

const fn slot_of<const ROOM: usize>(id: u64) -> usize {
    #[allow(clippy::cast_possible_truncation, reason = "any number will do")]
    let id = id as usize;
    id % ROOM
}
