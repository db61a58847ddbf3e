//! Whether types lead to each other, as the compiler asks it. It evaluates this for every derived type, so that every
//! step counts; and it allows little recursion, so that there is none.

use super::{Shape, TypeInfo, TypeRef};

/// How many types a search has room for: in most cases, and at most. The compiler takes its time to prepare room.
const FEW: usize = 1 << 9;
const MANY: usize = 1 << 14;

/// Whether the parts of a type lead to the type with the number `goal`.
pub(crate) const fn leads_to(start: &'static TypeInfo, goal: u64) -> bool {
    matches!(known_to_lead_to(start, goal), Some(true))
}

/// The same; nothing if the parts mention a type that the start is being described inside of, and do not lead to the goal
/// otherwise.
#[allow(
    clippy::panic,
    reason = "it is the compiler that panics, with an error at the type"
)]
pub(super) const fn known_to_lead_to(start: &'static TypeInfo, goal: u64) -> Option<bool> {
    let mut outcome = search::<FEW>(start, goal);
    if let Outcome::NoRoom = outcome {
        outcome = search::<MANY>(start, goal);
    }
    match outcome {
        Outcome::Found => Some(true),
        Outcome::Missing => Some(false),
        Outcome::Unknown => None,
        Outcome::NoRoom => panic!(
            "too many types to find out whether this one lies on a cycle: say `#[pack(recursive)]` if it does, and \
             `#[pack(recursive = false)]` if it does not"
        ),
    }
}

enum Outcome {
    Found,
    Missing,
    Unknown,
    NoRoom,
}

struct Search<const ROOM: usize> {
    start: u64,
    goal: u64,
    /// The numbers of the types met so far, as a hash table; 0 where there is none.
    met: [u64; ROOM],
    count: usize,
    /// The types met so far, in order.
    queue: [Option<&'static TypeInfo>; ROOM],
    next: usize,
    /// Whether all that was mentioned had been met.
    is_complete: bool,
    outcome: Option<Outcome>,
}

#[inline(never)]
const fn search<const ROOM: usize>(start: &'static TypeInfo, goal: u64) -> Outcome {
    let mut search = Search {
        start: start.identity.id,
        goal,
        met: [0; ROOM],
        count: 0,
        queue: [None; ROOM],
        next: 0,
        is_complete: true,
        outcome: None,
    };
    let mut next = Some(start);
    while let Some(info) = next {
        search.meet_parts(info);
        if let Some(outcome) = search.outcome {
            return outcome;
        }
        next = search.take();
    }
    if search.is_complete {
        Outcome::Missing
    } else {
        Outcome::Unknown
    }
}

#[allow(
    clippy::indexing_slicing,
    reason = "the indices are smaller than the room, and a const fn has no other way"
)]
impl<const ROOM: usize> Search<ROOM> {
    const fn meet_parts(&mut self, info: &TypeInfo) {
        let mut at = 0;
        match info.shape {
            Shape::Record(fields) => {
                while at < fields.len() {
                    self.meet(fields[at].ty);
                    at += 1;
                }
            }
            Shape::Variant(cases) => {
                while at < cases.len() {
                    if let Some(payload) = cases[at].ty {
                        self.meet(payload);
                    }
                    at += 1;
                }
            }
            Shape::Tuple(parts) => {
                while at < parts.len() {
                    self.meet(parts[at]);
                    at += 1;
                }
            }
            Shape::List(part)
            | Shape::FixedList(part, _)
            | Shape::Option(part)
            | Shape::Own(part)
            | Shape::Borrow(part) => self.meet(part),
            Shape::Result(first, second) | Shape::Map(first, second) => {
                self.meet(first);
                self.meet(second);
            }
            Shape::Primitive(_)
            | Shape::Enum(_)
            | Shape::Flags(_)
            | Shape::Resource(_)
            | Shape::Mention => {}
        }
    }

    const fn meet(&mut self, part: TypeRef) {
        let mut part = part.get();
        loop {
            part = match part.shape {
                Shape::Primitive(_)
                | Shape::Enum(_)
                | Shape::Flags(_)
                | Shape::Own(_)
                | Shape::Borrow(_) => return,
                // What has one part is not worth a place in the table.
                Shape::List(inner) | Shape::FixedList(inner, _) | Shape::Option(inner) => {
                    inner.get()
                }
                _ => break,
            }
        }
        let id = part.identity.id;
        if id == self.goal {
            self.outcome = Some(Outcome::Found);
            return;
        }
        let mut slot = slot_of::<ROOM>(id);
        while self.met[slot] != id {
            if self.met[slot] == 0 {
                // A table that is nearly full is slow.
                if self.count == ROOM / 4 * 3 {
                    self.outcome = Some(Outcome::NoRoom);
                    return;
                }
                if let Shape::Mention = part.shape {
                    self.is_complete &= id == self.start;
                    return;
                }
                self.met[slot] = id;
                self.queue[self.count] = Some(part);
                self.count += 1;
                return;
            }
            slot = (slot + 1) % ROOM;
        }
    }

    const fn take(&mut self) -> Option<&'static TypeInfo> {
        let next = self.queue[self.next];
        self.next += 1;
        next
    }
}

const fn slot_of<const ROOM: usize>(id: u64) -> usize {
    #[allow(clippy::cast_possible_truncation, reason = "any number will do")]
    let id = id as usize;
    id % ROOM
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pack_type::Identity;
    use alloc::boxed::Box;
    use alloc::vec::Vec;

    /// A type with these parts.
    fn tuple(number: usize, parts: Vec<TypeRef>) -> TypeRef {
        let identity = Identity::named("", "t", &[], "", number as u64);
        let identity = Box::leak(Box::new(identity));
        let info = TypeInfo::new(identity, Shape::Tuple(Vec::leak(parts)));
        TypeRef::new(Box::leak(Box::new(info)))
    }

    /// A chain of so many types, each a part of the next, and of all that come a hundred after.
    fn chain(length: usize) -> Vec<TypeRef> {
        let mut types: Vec<TypeRef> = Vec::new();
        for at in 0..length {
            let parts = [1, 100].iter().filter_map(|back| at.checked_sub(*back));
            let parts = parts.map(|part| types[part]).collect();
            types.push(tuple(at, parts));
        }
        types
    }

    #[test]
    fn what_is_reached_is_found_however_many_types_there_are() {
        let types = chain(MANY / 4 * 3);
        for start in [0, 1, 7, 200, FEW, types.len() - 1] {
            let leads = |goal: TypeRef| leads_to(types[start].get(), goal.identity.id());
            for goal in [0, 1, 6, 7, 199, 200, FEW - 1, FEW, types.len() - 1] {
                assert_eq!(leads(types[goal]), goal < start, "{start} to {goal}");
            }
            assert!(!leads(tuple(usize::MAX, Vec::new())));
        }
    }

    #[test]
    #[should_panic(expected = "#[pack(recursive = false)]")]
    fn more_types_than_there_is_room_for_are_an_error() {
        let types = chain(MANY);
        leads_to(types[MANY - 1].get(), 0);
    }
}
