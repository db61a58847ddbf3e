use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::{PackType, Shape, TypeInfo, TypeRef};
use crate::schema::{
    Case, Contract, Field, Label, Schema, SchemaError, Type, TypeDef, TypeId, TypeKind, TypeName,
};

/// Collects the type table of Rust types.
///
/// ```
/// use pack_abi::SchemaBuilder;
/// use pack_abi::schema::Type;
///
/// let mut types = SchemaBuilder::default();
/// assert_eq!(types.add::<String>(), Type::String);
/// let pair = types.add::<(u32, String)>();
/// assert_eq!(types.finish()?.display(pair).to_string(), "tuple<u32, string>");
/// # Ok::<(), pack_abi::schema::SchemaError>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct SchemaBuilder {
    types: Vec<TypeDef>,
    /// The entry of each type met so far, by its number.
    known: BTreeMap<u64, (TypeId, &'static TypeInfo)>,
    /// Entries whose kind is still to be filled in. A list, for types may be one long chain.
    open: Vec<(TypeId, &'static TypeInfo)>,
}

impl SchemaBuilder {
    /// Adds a type, and all types it refers to, unless they are there.
    pub fn add<T: PackType>(&mut self) -> Type {
        let ty = self.reference(T::INFO);
        while let Some((id, info)) = self.open.pop() {
            let kind = self.kind(info);
            if let Some(def) = self.types.get_mut(id.index()) {
                def.kind = kind;
            }
        }
        ty
    }

    /// Checks the types and what the Rust types say of themselves.
    ///
    /// # Errors
    ///
    /// If the types do not form a [`Contract`], two Rust types have one name, or a Rust type is wrong about being
    /// recursive.
    pub fn finish(self) -> Result<Contract, SchemaError> {
        self.finish_as(Schema::default())
    }

    /// [`finish`](Self::finish), with functions that have these types. What types there are in `schema` is replaced.
    ///
    /// # Errors
    ///
    /// As [`finish`](Self::finish).
    pub fn finish_as(self, schema: Schema) -> Result<Contract, SchemaError> {
        let mut names = BTreeMap::new();
        for name in self.types.iter().filter_map(|def| def.name.as_ref()) {
            if names.insert(name, ()).is_some() {
                return Err(SchemaError::SameName {
                    owner: name.owner.clone(),
                    name: name.name.clone(),
                });
            }
        }
        let contract = Contract::new(Schema {
            types: self.types,
            ..schema
        })?;
        for (id, info) in self.known.into_values() {
            // What nobody said follows from the same types.
            if let Some(declared) = info.recursive
                && contract.is_recursive(Type::Id(id)) != declared
            {
                return Err(SchemaError::Recursion {
                    ty: contract.describe(Type::Id(id)),
                    declared,
                });
            }
        }
        Ok(contract)
    }

    /// The entry of a type, made if it is not there.
    fn reference(&mut self, ty: TypeRef) -> Type {
        let info = ty.get();
        if let Shape::Primitive(primitive) = info.shape {
            return primitive;
        }
        if let Some((id, _)) = self.known.get(&info.identity.id()) {
            return Type::Id(*id);
        }
        let id = TypeId(u32::try_from(self.types.len()).unwrap_or(u32::MAX));
        self.types.push(TypeDef {
            name: info.has_name().then(|| TypeName {
                owner: info.identity.owner().into(),
                name: info.identity.to_string(),
            }),
            kind: TypeKind::Tuple(Vec::new()),
            docs: info.docs.into(),
        });
        self.known.insert(info.identity.id(), (id, info));
        self.open.push((id, info));
        Type::Id(id)
    }

    fn kind(&mut self, info: &TypeInfo) -> TypeKind {
        match info.shape {
            Shape::Record(fields) => TypeKind::Record(
                fields
                    .iter()
                    .map(|field| Field {
                        name: field.name.into(),
                        ty: self.reference(field.ty),
                        docs: field.docs.into(),
                    })
                    .collect(),
            ),
            Shape::Variant(cases) => TypeKind::Variant(
                cases
                    .iter()
                    .map(|case| Case {
                        name: case.name.into(),
                        ty: case.ty.map(|ty| self.reference(ty)),
                        docs: case.docs.into(),
                    })
                    .collect(),
            ),
            Shape::Enum(labels) => TypeKind::Enum(labels.iter().map(Label::from).collect()),
            Shape::Flags(labels) => TypeKind::Flags(labels.iter().map(Label::from).collect()),
            Shape::Tuple(parts) => {
                TypeKind::Tuple(parts.iter().map(|part| self.reference(*part)).collect())
            }
            Shape::List(element) => TypeKind::List(self.reference(element)),
            Shape::FixedList(element, count) => TypeKind::FixedList(self.reference(element), count),
            Shape::Option(some) => TypeKind::Option(self.reference(some)),
            Shape::Result(ok, err) => TypeKind::Result {
                ok: (!ok.is_unit()).then(|| self.reference(ok)),
                err: (!err.is_unit()).then(|| self.reference(err)),
            },
            Shape::Resource(provider) => TypeKind::Resource(provider),
            Shape::Own(resource) => TypeKind::Own(self.reference(resource)),
            Shape::Borrow(resource) => TypeKind::Borrow(self.reference(resource)),
            Shape::Map(key, value) => TypeKind::Map(self.reference(key), self.reference(value)),
            // Neither ever gets an entry of its own: one is no entry, and the other has one already.
            Shape::Primitive(_) | Shape::Mention => TypeKind::Tuple(Vec::new()),
        }
    }
}

impl From<&super::LabelInfo> for Label {
    fn from(label: &super::LabelInfo) -> Self {
        Self {
            name: String::from(label.name),
            docs: String::from(label.docs),
        }
    }
}

/// The schema of one Rust type: a table, and the type's place in it.
///
/// ```
/// use pack_abi::schema_of;
///
/// let (contract, ty) = schema_of::<Vec<Option<u16>>>()?;
/// assert_eq!(contract.display(ty).to_string(), "list<option<u16>>");
/// # Ok::<(), pack_abi::schema::SchemaError>(())
/// ```
///
/// # Errors
///
/// As [`SchemaBuilder::finish`].
pub fn schema_of<T: PackType>() -> Result<(Contract, Type), SchemaError> {
    let mut builder = SchemaBuilder::default();
    let ty = builder.add::<T>();
    Ok((builder.finish()?, ty))
}
