//! A contract as WIT text, which reads back as the same contract.
//!
//! A type is named plainly in the scope it belongs to (an interface, the world, an interface written inside the
//! world); every other scope says `use`. `scope` finds out what each scope has and uses, `name` knows what WIT
//! allows as a name, `print` writes it all down.

mod name;
mod print;
mod scope;

use alloc::string::String;
use core::fmt;

use super::Contract;

impl Contract {
    /// The contract as the text of one WIT file. Packages other than that of the world are nested in it.
    ///
    /// Read again, the text gives the same types and functions, with the same names and documentation. What does not
    /// matter to the contract is not in it: plain comments, the documentation of the world and of packages, the order
    /// of definitions. Where types of an interface are used, the interface is imported, as WIT has it. Types without an
    /// owner, those of Rust types that were never given one, are printed as types of the world; a contract without a world
    /// gets one called `local:types/types`.
    ///
    /// # Errors
    ///
    /// If WIT cannot say it. That happens to no contract that was read from WIT; only to those of Rust types, and to
    /// those of hostile packages.
    pub fn to_wit(&self) -> Result<String, WitError> {
        print::contract(self)
    }
}

/// Why a contract cannot be written as WIT.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum WitError {
    /// A name that WIT does not allow.
    Name {
        /// The name.
        name: String,
    },
    /// Two things of one scope have the same name.
    Duplicate {
        /// The name.
        name: String,
        /// The interface or world.
        scope: String,
    },
    /// A type is used where WIT has no way to name it.
    OutOfReach {
        /// The type.
        ty: String,
        /// The interface or world that uses it.
        scope: String,
    },
    /// Interfaces, or packages, that use each other's types.
    Circle {
        /// One of them.
        name: String,
    },
    /// An interface is imported and exported with different functions.
    Sides {
        /// The interface.
        interface: String,
    },
    /// An exported interface uses an interface that is not exported, and that one uses another which is.
    Between {
        /// The interface that is not exported.
        interface: String,
        /// The exported interface that it uses.
        exported: String,
    },
    /// A resource of the package in an interface that is not exported, or one of the host in an interface that is exported
    /// only.
    Provider {
        /// The resource.
        resource: String,
        /// The interface.
        interface: String,
    },
    /// The text would be longer than [`MAX_WIT_LENGTH`].
    TooLong,
}

/// The most bytes of WIT that are written: types that nest can take far more space in a text than in a table.
pub const MAX_WIT_LENGTH: usize = 16 << 20;

impl fmt::Display for WitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name { name } => write!(f, "{name:?} is not a name in WIT"),
            Self::Duplicate { name, scope } => write!(f, "{scope} has {name:?} twice"),
            Self::OutOfReach { ty, scope } => {
                write!(
                    f,
                    "{scope} uses type {ty}, which cannot be named there in WIT"
                )
            }
            Self::Circle { name } => write!(
                f,
                "{name} uses types that use types of {name}, which WIT allows only inside one interface"
            ),
            Self::Sides { interface } => write!(
                f,
                "interface {interface} is imported and exported with different functions, where WIT has one definition"
            ),
            Self::Between {
                interface,
                exported,
            } => write!(
                f,
                "interface {interface} is used by an exported interface and uses {exported}, which is exported: WIT wants \
                 {interface} to be exported too"
            ),
            Self::Provider {
                resource,
                interface,
            } => write!(
                f,
                "the resource {resource} of {interface} is not of the side that it would be of in WIT: the package has the \
                 resources of what it exports, and the host those of what is imported"
            ),
            Self::TooLong => write!(f, "the text would be longer than {MAX_WIT_LENGTH} bytes"),
        }
    }
}

impl core::error::Error for WitError {}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec;
    use alloc::vec::Vec;

    use super::*;
    use crate::schema::{
        Field, Function, Interface, Param, Provider, ROOT, Schema, Type, TypeDef, TypeId, TypeKind,
        TypeName,
    };

    /// A record in an interface, with fields of these types.
    fn record(owner: &str, name: &str, fields: &[Type]) -> TypeDef {
        let field = |(at, ty): (usize, &Type)| Field {
            name: alloc::format!("f{at}"),
            ty: *ty,
            docs: String::new(),
        };
        TypeDef {
            name: Some(TypeName {
                owner: owner.into(),
                name: name.into(),
            }),
            kind: TypeKind::Record(fields.iter().enumerate().map(field).collect()),
            docs: String::new(),
        }
    }

    fn anonymous(kind: TypeKind) -> TypeDef {
        TypeDef {
            name: None,
            kind,
            docs: String::new(),
        }
    }

    fn interface(name: &str, functions: &[(&str, &[Type])]) -> Interface {
        let function = |(name, params): &(&str, &[Type])| Function {
            name: (*name).into(),
            params: params
                .iter()
                .enumerate()
                .map(|(at, ty)| Param {
                    name: alloc::format!("p{at}"),
                    ty: *ty,
                })
                .collect(),
            ..Function::default()
        };
        Interface {
            name: name.into(),
            functions: functions.iter().map(function).collect(),
            docs: String::new(),
        }
    }

    fn print(
        world: &str,
        types: Vec<TypeDef>,
        imports: Vec<Interface>,
        exports: Vec<Interface>,
    ) -> Result<String, WitError> {
        let schema = Schema {
            world: world.into(),
            types,
            imports,
            exports,
        };
        Contract::new(schema).unwrap().to_wit()
    }

    const T0: Type = Type::Id(TypeId(0));
    const T1: Type = Type::Id(TypeId(1));

    /// Rust types need no world, and use each other as they like; each scope finds a name for them.
    #[test]
    fn rust_types_are_types_of_a_world() {
        let types = vec![
            record("", "point", &[Type::F64, T1]),
            record("demo:other/shapes", "point", &[]),
        ];
        let text = print("", types, vec![], vec![]).unwrap();
        let expected = "\
package local:types;

world types {
    use demo:other/shapes.{point as point-2};

    record point {
        f0: f64,
        f1: point-2,
    }
}

package demo:other {
    interface shapes {
        record point {}
    }
}
";
        assert_eq!(text, expected);
    }

    /// The interface that is exported has the type; that of the same name which is imported could not name it.
    #[test]
    fn twin_interfaces_each_have_their_types() {
        let types = vec![record("twin", "mine", &[])];
        let sides = (
            vec![interface("twin", &[])],
            vec![interface("twin", &[("f", &[T0])])],
        );
        let text = print("a:b/w", types, sides.0, sides.1).unwrap();
        let (import, export) = text.split_once("export").unwrap();
        assert!(import.contains("import twin: interface {}"), "{text}");
        assert!(export.contains("record mine {}"), "{text}");
    }

    #[test]
    fn what_wit_cannot_say_is_an_error() {
        let in_i = |name: &str| record("a:b/i", name, &[]);
        let cases = [
            (
                print("a:b/w", vec![in_i("aB")], vec![], vec![]),
                "\"aB\" is not a name in WIT",
            ),
            (
                print("nowhere", vec![], vec![], vec![]),
                "\"nowhere\" is not a name in WIT",
            ),
            (
                print("a:b/w", vec![record("nowhere", "r", &[])], vec![], vec![]),
                "\"nowhere\" is not a name in WIT",
            ),
            (
                print("a:b/w", vec![in_i("r"), in_i("R")], vec![], vec![]),
                "interface i has \"R\" twice",
            ),
            (
                print(
                    "a:b/w",
                    vec![in_i("r")],
                    vec![interface("a:b/i", &[("r", &[])])],
                    vec![],
                ),
                "interface i has \"r\" twice",
            ),
            (
                {
                    let mut job = record("a:b/jobs", "job", &[]);
                    job.kind = TypeKind::Resource(Provider::Package);
                    let mut jobs = interface("a:b/jobs", &[("[method]job.f", &[T1])]);
                    let this = jobs
                        .functions
                        .iter_mut()
                        .flat_map(|function| &mut function.params);
                    this.for_each(|param| param.name = "self".into());
                    let types = vec![job, anonymous(TypeKind::Own(T0))];
                    print("a:b/w", types, vec![], vec![jobs])
                },
                "\"[method]job.f\" is not a name in WIT",
            ),
            (
                print("a:b/w", vec![], vec![], vec![interface("a:b/w", &[])]),
                "package a:b has \"w\" twice",
            ),
            (
                print(
                    "a:b/w",
                    vec![record("a:b/w", "r", &[])],
                    vec![interface(ROOT, &[("r", &[])])],
                    vec![],
                ),
                "world w has \"r\" twice",
            ),
            (
                print(
                    "a:b/w",
                    vec![record("a:b/w", "r", &[]), record("a:b/i", "s", &[T0])],
                    vec![],
                    vec![],
                ),
                "interface i uses type r, which cannot be named there in WIT",
            ),
            (
                print(
                    "a:b/w",
                    vec![
                        record("a:b/i", "r", &[T1]),
                        record("a:b/j", "s", &[]),
                        record("a:b/j", "t", &[T0]),
                    ],
                    vec![],
                    vec![],
                ),
                "interface a:b/i uses types that use types of interface a:b/i, which WIT allows only inside one \
                 interface",
            ),
            (
                print(
                    "a:b/w",
                    vec![record("a:b/i", "r", &[]), record("c:d/j", "s", &[T0])],
                    vec![interface("c:d/j", &[])],
                    vec![],
                ),
                "package a:b uses types that use types of package a:b, which WIT allows only inside one interface",
            ),
            (
                print(
                    "a:b/w",
                    vec![],
                    vec![interface("a:b/i", &[("f", &[])])],
                    vec![interface("a:b/i", &[("g", &[])])],
                ),
                "interface i is imported and exported with different functions, where WIT has one definition",
            ),
            (
                {
                    let mut job = record("a:b/jobs", "job", &[]);
                    job.kind = TypeKind::Resource(Provider::Package);
                    let jobs = interface("a:b/jobs", &[]);
                    print("a:b/w", vec![job], vec![jobs], vec![])
                },
                "the resource job of a:b/jobs is not of the side that it would be of in WIT: the package has the resources \
                 of what it exports, and the host those of what is imported",
            ),
            (
                {
                    let mut job = record("a:b/jobs", "job", &[]);
                    job.kind = TypeKind::Resource(Provider::Package);
                    let types = vec![job, anonymous(TypeKind::Borrow(T0))];
                    print(
                        "a:b/w",
                        types,
                        vec![interface("a:b/i", &[("f", &[T1])])],
                        vec![interface("a:b/jobs", &[("g", &[T1])])],
                    )
                },
                "interface i uses type job, which cannot be named there in WIT",
            ),
            (
                {
                    let mut job = record("a:b/jobs", "job", &[]);
                    job.kind = TypeKind::Resource(Provider::Package);
                    let list = record("a:b/jobs", "list", &[T1]);
                    let types = vec![job, anonymous(TypeKind::Own(T0)), list];
                    let used = Type::Id(TypeId(2));
                    print(
                        "a:b/w",
                        types,
                        vec![],
                        vec![
                            interface("a:b/jobs", &[]),
                            interface(ROOT, &[("run", &[used])]),
                        ],
                    )
                },
                "world w uses type list, which cannot be named there in WIT",
            ),
            (
                {
                    let mut job = record("a:b/jobs", "job", &[]);
                    job.kind = TypeKind::Resource(Provider::Package);
                    let types = vec![
                        job,
                        record("a:b/jobs", "id", &[]),
                        record("a:b/between", "ids", &[T1]),
                    ];
                    print(
                        "a:b/w",
                        types,
                        vec![interface("a:b/i", &[("f", &[Type::Id(TypeId(2))])])],
                        vec![interface("a:b/jobs", &[])],
                    )
                },
                "interface between uses type id, which cannot be named there in WIT",
            ),
            (
                {
                    let mut job = record("a:b/jobs", "job", &[]);
                    job.kind = TypeKind::Resource(Provider::Host);
                    let mut own = record("$exports/a:b/jobs", "job", &[]);
                    own.kind = TypeKind::Resource(Provider::Package);
                    let types = vec![job, anonymous(TypeKind::Borrow(T0)), own];
                    print(
                        "a:b/w",
                        types,
                        vec![interface("a:b/jobs", &[])],
                        vec![
                            interface("a:b/jobs", &[]),
                            interface("a:b/i", &[("f", &[T1])]),
                        ],
                    )
                },
                "interface i uses type job, which cannot be named there in WIT",
            ),
            (
                print(
                    "a:b/w",
                    vec![record("a:b/i", "r", &[]), record("a:b/j", "s", &[T0])],
                    vec![],
                    vec![
                        interface("a:b/i", &[("f", &[T0])]),
                        interface("a:b/k", &[("g", &[T1])]),
                    ],
                ),
                "interface a:b/j is used by an exported interface and uses a:b/i, which is exported: WIT wants a:b/j to be \
                 exported too",
            ),
        ];
        for (found, expected) in cases {
            let found = found.unwrap_or_else(|error| error.to_string());
            assert_eq!(found, expected);
        }
    }

    /// What a reader would not see is not written.
    #[test]
    fn spaces_at_the_end_of_documentation_are_not_written() {
        let mut point = record("a:b/i", "r", &[]);
        point.docs = "one  \n \ntwo\t".into();
        let text = print("a:b/w", vec![point], vec![], vec![]).unwrap();
        assert!(
            text.contains("    /// one\n    ///\n    /// two\n    record r {}"),
            "{text}"
        );
    }

    /// Documentation is said once, where one side has it.
    #[test]
    fn an_interface_of_both_sides_is_documented_by_either() {
        let mut export = interface("a:b/i", &[("f", &[])]);
        export.docs = "Said once.".into();
        let import = interface("a:b/i", &[("f", &[])]);
        let text = print("a:b/w", vec![], vec![import], vec![export]).unwrap();
        assert!(text.contains("/// Said once.\ninterface i {"), "{text}");
    }

    /// A table of a hundred types that would be as many as there are atoms when written out.
    #[test]
    fn texts_are_bounded() {
        let mut types = vec![record("a:b/i", "r", &[Type::Id(TypeId(90))])];
        types.push(anonymous(TypeKind::Tuple(vec![Type::Bool])));
        for at in 1..90 {
            let below = Type::Id(TypeId(at));
            types.push(anonymous(TypeKind::Tuple(vec![below, below])));
        }
        assert_eq!(
            print("a:b/w", types, vec![], vec![]),
            Err(WitError::TooLong)
        );
    }
}
