//! Schemas of the parts of one world, joined to that of the world.

use alloc::collections::{BTreeMap, BTreeSet};
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use super::canonical::definition_bytes;
use super::{Contract, Interface, Schema, Type, TypeDef, TypeId, TypeName, core_export_name};

/// Takes in one part after the other.
#[derive(Debug, Default)]
pub(crate) struct Joined {
    schema: Schema,
    named: BTreeMap<TypeName, TypeId>,
    /// Types without a name are the same if their definitions are, here in canonical bytes.
    anonymous: BTreeMap<Vec<u8>, TypeId>,
    imports: Side,
    exports: Side,
}

/// What one side has, by name.
#[derive(Debug, Default)]
struct Side {
    interfaces: BTreeMap<String, usize>,
    functions: BTreeSet<String>,
}

/// Why parts are not those of one world.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// They are of two.
    Worlds(String, String),
    /// Two have a function of this name.
    Function(String),
    /// Two have different types of this name.
    Type(TypeName),
}

impl Joined {
    pub(crate) fn add(&mut self, part: &Contract) -> Result<(), Mismatch> {
        if self.schema.world.is_empty() {
            self.schema.world.clone_from(&part.world);
        } else if self.schema.world != part.world {
            let worlds = [&self.schema.world, &part.world];
            let [first, second] = worlds.map(String::clone);
            return Err(Mismatch::Worlds(first, second));
        }
        let places = self.types(part)?;
        let sides = [
            (&mut self.imports, &mut self.schema.imports, &part.imports),
            (&mut self.exports, &mut self.schema.exports, &part.exports),
        ];
        for (side, all, interfaces) in sides {
            for interface in interfaces {
                side.add(all, interface, &|ty| moved(&places, ty))?;
            }
        }
        Ok(())
    }

    pub(crate) fn into_schema(self) -> Schema {
        self.schema
    }

    /// Adds the types of a part, and says where they are now.
    fn types(&mut self, part: &Contract) -> Result<Vec<Option<TypeId>>, Mismatch> {
        let before = self.schema.types.len();
        // Types with names first: what leads back to one finds it.
        let mut places = vec![None; part.types.len()];
        for (def, place) in part.types.iter().zip(&mut places) {
            if let Some(name) = &def.name {
                let types = &mut self.schema.types;
                let id = self.named.entry(name.clone());
                *place = Some(*id.or_insert_with(|| push(types, def.clone())));
            }
        }
        for at in 0..part.types.len() {
            self.place(part, &mut places, at);
        }
        for (def, place) in part.types.iter().zip(&places) {
            let (Some(name), Some(id)) = (&def.name, place) else {
                continue;
            };
            let def = renumbered(def, &places);
            match self.schema.types.get_mut(id.index()) {
                Some(entry) if id.index() >= before => *entry = def,
                Some(entry) if *entry == def => {}
                _ => return Err(Mismatch::Type(name.clone())),
            }
        }
        Ok(places)
    }

    /// Sees to it that a type has a place. Those without a name nest only so deep in a sound schema.
    fn place(&mut self, part: &Contract, places: &mut [Option<TypeId>], at: usize) {
        let (Some(def), Some(None)) = (part.types.get(at), places.get(at)) else {
            return;
        };
        for ty in def.kind.references() {
            if let Type::Id(id) = ty {
                self.place(part, places, id.index());
            }
        }
        let def = renumbered(def, places);
        let types = &mut self.schema.types;
        let id = self.anonymous.entry(definition_bytes(&def));
        let id = *id.or_insert_with(|| push(types, def));
        if let Some(place) = places.get_mut(at) {
            *place = Some(id);
        }
    }
}

impl Side {
    fn add(
        &mut self,
        all: &mut Vec<Interface>,
        part: &Interface,
        moved: &dyn Fn(Type) -> Type,
    ) -> Result<(), Mismatch> {
        let at = *self.interfaces.entry(part.name.clone()).or_insert_with(|| {
            all.push(Interface {
                functions: Vec::new(),
                ..part.clone()
            });
            all.len() - 1
        });
        for function in &part.functions {
            let name = core_export_name(&part.name, &function.name);
            if self.functions.contains(&name) {
                return Err(Mismatch::Function(name));
            }
            self.functions.insert(name);
            let mut function = function.clone();
            for param in &mut function.params {
                param.ty = moved(param.ty);
            }
            function.result = function.result.map(moved);
            if let Some(interface) = all.get_mut(at) {
                interface.functions.push(function);
            }
        }
        Ok(())
    }
}

fn push(types: &mut Vec<TypeDef>, def: TypeDef) -> TypeId {
    // There are far fewer than that many bytes of metadata.
    let id = TypeId(u32::try_from(types.len()).unwrap_or(u32::MAX));
    types.push(def);
    id
}

fn renumbered(def: &TypeDef, places: &[Option<TypeId>]) -> TypeDef {
    TypeDef {
        kind: def.kind.map(&|ty| moved(places, ty)),
        ..def.clone()
    }
}

fn moved(places: &[Option<TypeId>], ty: Type) -> Type {
    match ty {
        Type::Id(id) => places
            .get(id.index())
            .copied()
            .flatten()
            .map_or(ty, Type::Id),
        primitive => primitive,
    }
}
