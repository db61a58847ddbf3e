//! All types of a function, in the order in which its metadata has them.

use super::{FunctionInfo, Identity, Shape, TypeInfo, TypeRef};

/// How many types there is room for: in most cases, and at most. The compiler takes its time to prepare room.
pub(super) const FEW: usize = 1 << 9;
pub(super) const MANY: usize = 1 << 14;

/// What to say if that is not enough.
pub(super) const TOO_MANY: &str = "this function has too many types for a package without WIT";

/// The types met so far, each with its place in the table of types.
pub(super) struct Table<const ROOM: usize> {
    /// A hash table of places, each plus 1.
    slots: [usize; ROOM],
    types: [Option<&'static TypeInfo>; ROOM],
    pub(super) count: usize,
}

#[allow(
    clippy::indexing_slicing,
    reason = "the indices are smaller than the room, and a const fn has no other way"
)]
impl<const ROOM: usize> Table<ROOM> {
    pub(super) const fn new() -> Self {
        Self {
            slots: [0; ROOM],
            types: [None; ROOM],
            count: 0,
        }
    }

    /// That of a function, if there is room.
    pub(super) const fn of(function: &FunctionInfo) -> Option<Self> {
        let mut table = Self::new();
        if table.fill(function) {
            Some(table)
        } else {
            None
        }
    }

    /// Adds all types of a function. Whether there was room for them.
    const fn fill(&mut self, function: &FunctionInfo) -> bool {
        let mut at = 0;
        while at < function.params.len() {
            if !self.add(function.params[at].ty) {
                return false;
            }
            at += 1;
        }
        if let Some(result) = function.result()
            && !self.add(result)
        {
            return false;
        }
        let mut at = 0;
        while at < self.count {
            if let Some(info) = self.types[at] {
                let mut part = 0;
                while part < info.parts() {
                    if let Some(ty) = info.part(part)
                        && !self.add(ty)
                    {
                        return false;
                    }
                    part += 1;
                }
            }
            at += 1;
        }
        true
    }

    const fn add(&mut self, ty: TypeRef) -> bool {
        let info = ty.get();
        if let Shape::Primitive(_) = info.shape {
            return true;
        }
        let slot = self.slot(info.identity);
        if self.slots[slot] != 0 {
            return true;
        }
        // A table that is nearly full is slow.
        if self.count == ROOM / 4 * 3 {
            return false;
        }
        self.types[self.count] = Some(info);
        self.count += 1;
        self.slots[slot] = self.count;
        true
    }

    /// Where the type is in the hash table, or where it goes.
    const fn slot(&self, identity: &Identity) -> usize {
        #[allow(clippy::cast_possible_truncation, reason = "any number will do")]
        let mut slot = identity.id as usize % ROOM;
        while let Some(place) = self.slots[slot].checked_sub(1) {
            if let Some(known) = self.types[place]
                && known.identity.id == identity.id
            {
                break;
            }
            slot = (slot + 1) % ROOM;
        }
        slot
    }

    /// The type in a place.
    pub(super) const fn at(&self, place: usize) -> Option<&'static TypeInfo> {
        self.types[place]
    }

    pub(super) const fn place(&self, info: &TypeInfo) -> usize {
        self.slots[self.slot(info.identity)].saturating_sub(1)
    }
}
