use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::any;

use crate::schema::{Contract, Schema, SchemaError, Type, TypeDef, TypeId, TypeKind, TypeName};

/// A Rust type that describes itself as a schema type.
///
/// Derive it: `#[derive(PackType)]`. Typed host functions and dynamic calls use it to check a Rust type
/// against what a package says.
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not describe itself as a Pack type",
    label = "no schema",
    note = "add `#[derive(PackType)]` to the type"
)]
pub trait PackType: 'static {
    /// Adds the type, and all types it refers to, to a schema.
    fn describe(builder: &mut SchemaBuilder) -> Type;
}

/// Collects the type table of Rust types.
#[derive(Debug, Default)]
pub struct SchemaBuilder {
    types: Vec<TypeDef>,
    /// Named Rust types met so far, with whether they say they are recursive.
    known: BTreeMap<any::TypeId, (TypeId, bool)>,
}

impl SchemaBuilder {
    /// Adds a named type once. `shape` is asked for the rest of it, and may refer back to the type itself.
    pub fn named<T: 'static>(
        &mut self,
        name: TypeName,
        recursive: bool,
        docs: &str,
        shape: impl FnOnce(&mut Self) -> TypeKind,
    ) -> Type {
        let key = any::TypeId::of::<T>();
        if let Some((id, _)) = self.known.get(&key) {
            return Type::Id(*id);
        }
        // A generic type has one name and many shapes: those after the first get a number.
        let taken = |candidate: &TypeName| {
            self.types
                .iter()
                .any(|def| def.name.as_ref() == Some(candidate))
        };
        let mut unique = name.clone();
        let mut number = 2_u32;
        while taken(&unique) {
            unique.name = alloc::format!("{}-{number}", name.name);
            number += 1;
        }
        let id = self.push(TypeDef {
            name: Some(unique),
            kind: TypeKind::Tuple(Vec::new()),
            docs: docs.into(),
        });
        self.known.insert(key, (id, recursive));
        let kind = shape(self);
        if let Some(def) = self.types.get_mut(id.index()) {
            def.kind = kind;
        }
        Type::Id(id)
    }

    /// Adds an anonymous type once.
    pub fn anonymous(&mut self, kind: TypeKind) -> Type {
        let known = self
            .types
            .iter()
            .position(|def| def.name.is_none() && def.kind == kind);
        match known.and_then(|at| u32::try_from(at).ok()) {
            Some(at) => Type::Id(TypeId(at)),
            None => Type::Id(self.push(TypeDef {
                name: None,
                kind,
                docs: String::new(),
            })),
        }
    }

    /// Whether a type is the empty tuple, which a result writes as no payload at all.
    pub fn is_unit(&self, ty: Type) -> bool {
        let Type::Id(id) = ty else { return false };
        self.types.get(id.index()).is_some_and(|def| {
            def.name.is_none() && matches!(&def.kind, TypeKind::Tuple(parts) if parts.is_empty())
        })
    }

    fn push(&mut self, def: TypeDef) -> TypeId {
        let id = TypeId(u32::try_from(self.types.len()).unwrap_or(u32::MAX));
        self.types.push(def);
        id
    }

    /// Checks the types and what the Rust types say of themselves.
    ///
    /// # Errors
    ///
    /// If the types do not form a [`Contract`], or a Rust type is wrong about being recursive.
    pub fn finish(self) -> Result<Contract, SchemaError> {
        let contract = Contract::new(Schema {
            types: self.types,
            ..Schema::default()
        })?;
        for (id, declared) in self.known.into_values() {
            if contract.is_recursive(Type::Id(id)) != declared {
                return Err(SchemaError::Recursion {
                    ty: contract.describe(Type::Id(id)),
                    declared,
                });
            }
        }
        Ok(contract)
    }
}

/// The schema of one Rust type: a table, and the type's place in it.
///
/// # Errors
///
/// As [`SchemaBuilder::finish`].
pub fn schema_of<T: PackType>() -> Result<(Contract, Type), SchemaError> {
    let mut builder = SchemaBuilder::default();
    let ty = T::describe(&mut builder);
    Ok((builder.finish()?, ty))
}
