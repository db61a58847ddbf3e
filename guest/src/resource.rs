//! Resources, as a guest has them: its own, which the host holds by number, and those of the host.

use alloc::rc::Rc;
use core::any::{Any, TypeId};
use core::cell::Cell;
use core::fmt;

use pack_abi::resource::{HandleTable, Own, RawHandle, Resource};
use pack_abi::{Borrow, DecodeError, DecodeErrorKind, HandleProblem};

use crate::memory::Static;

/// A resource of the host. All the guest has is its number.
pub struct ImportedHandle {
    /// 0 once the resource is given away.
    number: Cell<u32>,
    is_owned: bool,
}

impl ImportedHandle {
    pub(crate) fn new(number: u32, is_owned: bool) -> Self {
        Self {
            number: Cell::new(number),
            is_owned,
        }
    }

    #[cfg(not(target_arch = "wasm32"))]
    pub(crate) fn number(&self) -> u32 {
        self.number.get()
    }
}

impl Drop for ImportedHandle {
    fn drop(&mut self) {
        let number = self.number.get();
        if self.is_owned && number != 0 {
            // SAFETY: the host checks the number.
            unsafe { drop_resource(number.cast_signed()) };
        }
    }
}

impl fmt::Debug for ImportedHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.number.get())
    }
}

#[cfg(target_arch = "wasm32")]
#[link(wasm_import_module = "$pack")]
unsafe extern "C" {
    #[link_name = "drop"]
    fn drop_resource(number: i32);
}

#[cfg(not(target_arch = "wasm32"))]
unsafe fn drop_resource(_: i32) {}

impl RawHandle for ImportedHandle {
    fn give(&self, _: TypeId, _: Option<&mut dyn Any>) -> Result<u32, HandleProblem> {
        if !self.is_owned {
            return Err(HandleProblem::Lent);
        }
        match self.number.replace(0) {
            0 => Err(HandleProblem::Gone),
            number => Ok(number),
        }
    }

    fn lend(&self, _: TypeId, _: Option<&mut dyn Any>) -> Result<u32, HandleProblem> {
        match self.number.get() {
            0 => Err(HandleProblem::Gone),
            number => Ok(number),
        }
    }

    fn take(_: TypeId, number: u32, _: Option<&mut dyn Any>) -> Result<Self, HandleProblem> {
        Ok(Self::new(number, true))
    }

    fn find(_: TypeId, number: u32, _: Option<&mut dyn Any>) -> Result<Self, HandleProblem> {
        Ok(Self::new(number, false))
    }

    fn borrow(&self) -> Self {
        Self::new(self.number.get(), false)
    }
}

/// A resource of the guest's own, in the guest.
pub struct ExportedHandle(Rc<dyn Any>);

/// A resource of the guest's own that the host holds.
struct Held {
    resource: TypeId,
    value: Rc<dyn Any>,
}

static HELD: Static<HandleTable<Held>> = Static::new(HandleTable::new());

/// Nothing of the guest author's runs in `work`, which might come here again.
fn with_table<R>(work: impl FnOnce(&mut HandleTable<Held>) -> R) -> R {
    let mut table = HELD.replace(HandleTable::new());
    let result = work(&mut table);
    HELD.replace(table);
    result
}

/// The host drops a resource of the guest.
pub fn drop_held(number: i32) {
    let held = with_table(|table| table.remove(number.cast_unsigned()));
    #[allow(
        clippy::panic,
        reason = "the host gets the message, as it does for the guest's own panics"
    )]
    if held.is_none() {
        panic!("the host drops a resource that it does not have");
    }
}

/// Makes a resource of a value.
pub fn new_resource<R: Resource<Raw = ExportedHandle>>(value: impl Any) -> R {
    R::from_handle(Own::new(ExportedHandle(Rc::new(value))))
}

/// The value that a resource was made of, if it is of this type.
pub fn resource_value<R: Resource<Raw = ExportedHandle>, V: Any>(resource: &R) -> Option<Rc<V>> {
    Rc::downcast(Rc::clone(&resource.handle().raw().0)).ok()
}

/// The value whose method the host calls.
///
/// # Errors
///
/// If the resource was made of a value of another type.
pub fn this_resource<R: Resource<Raw = ExportedHandle>, V: Any>(
    resource: &Borrow<R>,
) -> Result<Rc<V>, DecodeError> {
    let kind = DecodeErrorKind::Handle {
        handle: 0,
        problem: HandleProblem::OtherType,
    };
    resource_value(&**resource).ok_or_else(|| DecodeError::new(kind, 0))
}

impl fmt::Debug for ExportedHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ExportedHandle")
    }
}

impl RawHandle for ExportedHandle {
    fn give(&self, resource: TypeId, _: Option<&mut dyn Any>) -> Result<u32, HandleProblem> {
        let value = Rc::clone(&self.0);
        with_table(|table| table.insert(Held { resource, value }))
    }

    /// Nothing that a guest calls knows of the guest's own resources.
    fn lend(&self, _: TypeId, _: Option<&mut dyn Any>) -> Result<u32, HandleProblem> {
        Err(HandleProblem::NoInstance)
    }

    fn take(
        resource: TypeId,
        number: u32,
        handles: Option<&mut dyn Any>,
    ) -> Result<Self, HandleProblem> {
        let found = Self::find(resource, number, handles)?;
        with_table(|table| table.remove(number));
        Ok(found)
    }

    fn find(resource: TypeId, number: u32, _: Option<&mut dyn Any>) -> Result<Self, HandleProblem> {
        with_table(|table| match table.get(number) {
            None => Err(HandleProblem::Gone),
            Some(held) if held.resource != resource => Err(HandleProblem::OtherType),
            Some(held) => Ok(Self(Rc::clone(&held.value))),
        })
    }

    fn borrow(&self) -> Self {
        Self(Rc::clone(&self.0))
    }
}
