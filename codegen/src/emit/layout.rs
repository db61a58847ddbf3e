//! Which records are in memory as on the wire if their fields stay in order: those of numbers without gaps between them. They
//! are `#[repr(C)]`, so that lists of them move in one piece, and are slices where they lie.

use pack_abi::schema::{Contract, Type, TypeId, TypeKind};

use super::Settings;

/// The alignment of each type in the table that is such, or an array of such, or another name for one.
pub(super) fn alignments(contract: &Contract, settings: &Settings) -> Vec<Option<u32>> {
    let mut known = vec![None; contract.types.len()];
    loop {
        let types = contract.types.iter().zip(0_u32..);
        let next: Vec<_> = types
            .map(|(def, id)| match &def.kind {
                _ if settings.rules.is_elsewhere(TypeId(id)) => None,
                TypeKind::Alias(of) | TypeKind::FixedList(of, 1..) => alignment(&known, *of),
                TypeKind::Record(fields) => {
                    of_parts(contract, &known, fields.iter().map(|field| field.ty))
                }
                // Of which the compiler knows the order, and mostly keeps it.
                TypeKind::Tuple(parts) => of_parts(contract, &known, parts.iter().copied()),
                _ => None,
            })
            .collect();
        if next == known {
            return known;
        }
        known = next;
    }
}

/// As far as is known.
fn alignment(known: &[Option<u32>], ty: Type) -> Option<u32> {
    match ty {
        Type::U8 | Type::S8 => Some(1),
        Type::U16 | Type::S16 => Some(2),
        Type::U32 | Type::S32 | Type::F32 => Some(4),
        Type::U64 | Type::S64 | Type::F64 => Some(8),
        Type::Bool | Type::Char | Type::String => None,
        Type::Id(id) => known.get(id.index()).copied().flatten(),
    }
}

fn of_parts(
    contract: &Contract,
    known: &[Option<u32>],
    parts: impl Iterator<Item = Type>,
) -> Option<u32> {
    let (mut end, mut greatest) = (0_u32, 1);
    for part in parts {
        let alignment = alignment(known, part)?;
        if !end.is_multiple_of(alignment) {
            return None;
        }
        end = end.checked_add(contract.fixed_width(part)?)?;
        greatest = greatest.max(alignment);
    }
    (end > 0 && end.is_multiple_of(greatest)).then_some(greatest)
}
