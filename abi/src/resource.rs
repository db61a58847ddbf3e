//! Resources: values that stay on the side that provides them, and the handles by which the other side knows them.
//!
//! ```text
//! Resource    what generated code says of a resource type; the type itself is the owning handle
//! Own         what the owning handle is made of
//! Borrow      a handle that is lent for one call
//! RawHandle   how a side keeps resources; there is one for each side and each provider
//! ```
//!
//! A handle travels as a number. What the number means, and that it means something, is for the [`RawHandle`] to
//! say, with the help of what the runtime passes along as `handles`.

use core::any::{Any, TypeId};
use core::fmt;
use core::marker::PhantomData;
use core::ops::Deref;

use crate::error::{DecodeError, DecodeErrorKind, EncodeErrorKind, HandleProblem};
use crate::graph_value::{Encode, GraphValue};
use crate::pack_type::{Arg, Around, Identity, PackType, Shape, TypeInfo, TypeRef};
use crate::schema::Provider;
use crate::wire::{Decoder, Encoder, FlatReader, FlatWriter, Sink};

/// A resource type of WIT. A value of the Rust type owns one resource: dropping it drops the resource.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a resource",
    label = "not a resource",
    note = "resources are declared in WIT: `resource name;`, and `Borrow` is of them"
)]
pub trait Resource: Sized + 'static {
    /// The interface or world that declares it, as in [`TypeName::owner`](crate::schema::TypeName::owner).
    const OWNER: &'static str;
    /// Its name in WIT.
    const NAME: &'static str;
    /// The documentation comment.
    const DOCS: &'static str;
    /// The side that implements it.
    const PROVIDER: Provider;
    /// How this side keeps it.
    type Raw: RawHandle;

    /// The handle inside.
    fn handle(&self) -> &Own<Self>;

    /// A value with this handle inside.
    fn from_handle(handle: Own<Self>) -> Self;
}

/// How one side of the boundary keeps resources. `resource` tells types of resources apart; `handles` is where the
/// runtime keeps those of an instance, if there is such a place.
pub trait RawHandle: Sized + fmt::Debug {
    /// Gives the resource away: the number to send. Asked again for the same message, gives the same resource again.
    ///
    /// # Errors
    ///
    /// If the resource cannot be given to whom the message is for.
    fn give(&self, resource: TypeId, handles: Option<&mut dyn Any>) -> Result<u32, HandleProblem>;

    /// Lends the resource for the call: the number to send.
    ///
    /// # Errors
    ///
    /// If the resource cannot be lent to whom the message is for.
    fn lend(&self, resource: TypeId, handles: Option<&mut dyn Any>) -> Result<u32, HandleProblem>;

    /// Takes a resource that the other side gives away.
    ///
    /// # Errors
    ///
    /// If the number stands for no such resource.
    fn take(
        resource: TypeId,
        number: u32,
        handles: Option<&mut dyn Any>,
    ) -> Result<Self, HandleProblem>;

    /// Finds a resource that the other side lends.
    ///
    /// # Errors
    ///
    /// If the number stands for no such resource.
    fn find(
        resource: TypeId,
        number: u32,
        handles: Option<&mut dyn Any>,
    ) -> Result<Self, HandleProblem>;

    /// A handle of the same resource that does not own it.
    fn borrow(&self) -> Self;
}

/// What a value of a resource type is made of.
pub struct Own<R: Resource> {
    raw: R::Raw,
}

impl<R: Resource> Own<R> {
    /// Owns the resource that the handle is of.
    pub fn new(raw: R::Raw) -> Self {
        Self { raw }
    }

    /// The side's own handle.
    pub fn raw(&self) -> &R::Raw {
        &self.raw
    }
}

impl<R: Resource> fmt::Debug for Own<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple(R::NAME).field(&self.raw).finish()
    }
}

/// A resource that is lent for one call: what `borrow<r>` is, but for a parameter of that very type, which is a `&R`.
///
/// Make one of a reference: `Borrow::from(&resource)`. It does not keep the resource alive: when that is dropped, or
/// the call it was lent for is over, the handle means nothing, and whoever is asked to use it says so.
pub struct Borrow<R: Resource>(R);

impl<R: Resource> From<&R> for Borrow<R> {
    fn from(resource: &R) -> Self {
        Self(R::from_handle(Own::new(resource.handle().raw.borrow())))
    }
}

impl<R: Resource> Clone for Borrow<R> {
    fn clone(&self) -> Self {
        Self::from(&self.0)
    }
}

impl<R: Resource> Deref for Borrow<R> {
    type Target = R;

    fn deref(&self) -> &R {
        &self.0
    }
}

impl<R: Resource> fmt::Debug for Borrow<R> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Borrow").field(self.0.handle()).finish()
    }
}

impl<R: Resource> Encode for Own<R> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        let number = self.raw.give(TypeId::of::<R>(), encoder.handles());
        encode_number(number, encoder);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        let number = self.raw.give(TypeId::of::<R>(), slots.handles());
        flatten_number(number, slots);
    }
}

impl<R: Resource> GraphValue for Own<R> {
    const MIN_WIDTH: u32 = 4;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        decode_number(decoder, R::Raw::take, TypeId::of::<R>()).map(Self::new)
    }

    #[inline]
    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        unflatten_number(slots, R::Raw::take, TypeId::of::<R>()).map(Self::new)
    }
}

impl<R: Resource> Encode for Borrow<R> {
    fn encode<S: Sink>(&self, encoder: &mut Encoder<S>) {
        let number = self.handle().raw.lend(TypeId::of::<R>(), encoder.handles());
        encode_number(number, encoder);
    }

    #[inline]
    fn flatten(&self, slots: &mut FlatWriter<'_>) {
        let number = self.handle().raw.lend(TypeId::of::<R>(), slots.handles());
        flatten_number(number, slots);
    }
}

impl<R: Resource> GraphValue for Borrow<R> {
    const MIN_WIDTH: u32 = 4;

    fn decode(decoder: &mut Decoder<'_>) -> Result<Self, DecodeError> {
        let raw = decode_number(decoder, R::Raw::find, TypeId::of::<R>())?;
        Ok(Self(R::from_handle(Own::new(raw))))
    }

    #[inline]
    fn unflatten(slots: &mut FlatReader<'_>) -> Result<Self, DecodeError> {
        let raw = unflatten_number(slots, R::Raw::find, TypeId::of::<R>())?;
        Ok(Self(R::from_handle(Own::new(raw))))
    }
}

fn encode_number<S: Sink>(number: Result<u32, HandleProblem>, encoder: &mut Encoder<S>) {
    match number {
        Ok(number) => encoder.write(&number.to_le_bytes()),
        Err(problem) => encoder.fail(EncodeErrorKind::Handle(problem)),
    }
}

fn flatten_number(number: Result<u32, HandleProblem>, slots: &mut FlatWriter<'_>) {
    match number {
        Ok(number) => slots.push(u64::from(number)),
        Err(problem) => slots.fail(EncodeErrorKind::Handle(problem)),
    }
}

/// [`RawHandle::take`] or [`RawHandle::find`].
type Receive<T> = fn(TypeId, u32, Option<&mut dyn Any>) -> Result<T, HandleProblem>;

fn decode_number<T>(
    decoder: &mut Decoder<'_>,
    receive: Receive<T>,
    resource: TypeId,
) -> Result<T, DecodeError> {
    let handle = u32::decode(decoder)?;
    receive(resource, handle, decoder.handles())
        .map_err(|problem| decoder.error_before(4, DecodeErrorKind::Handle { handle, problem }))
}

fn unflatten_number<T>(
    slots: &mut FlatReader<'_>,
    receive: Receive<T>,
    resource: TypeId,
) -> Result<T, DecodeError> {
    let handle = u32::unflatten(slots)?;
    receive(resource, handle, slots.handles())
        .map_err(|problem| DecodeError::new(DecodeErrorKind::Handle { handle, problem }, 0))
}

/// The resource type itself, of which the Rust type is a handle.
struct Type<R>(PhantomData<R>);

impl<R: Resource> PackType for Type<R> {
    const IDENTITY: &'static Identity = &Identity::named(R::OWNER, R::NAME, &[], "resource", 0);
    const INFO: TypeRef = TypeRef::new(
        const {
            &TypeInfo {
                docs: R::DOCS,
                ..TypeInfo::new(Self::IDENTITY, Shape::Resource(R::PROVIDER))
            }
        },
    );
    type In<A: Around> = Self;
}

impl<R: Resource> PackType for Own<R> {
    const IDENTITY: &'static Identity =
        &Identity::anonymous("own", const { &[Arg::Type(Type::<R>::IDENTITY)] });
    const INFO: TypeRef =
        TypeRef::new(const { &TypeInfo::new(Self::IDENTITY, Shape::Own(Type::<R>::INFO)) });
    type In<A: Around> = Self;
}

impl<R: Resource> PackType for Borrow<R> {
    const IDENTITY: &'static Identity =
        &Identity::anonymous("borrow", const { &[Arg::Type(Type::<R>::IDENTITY)] });
    const INFO: TypeRef =
        TypeRef::new(const { &TypeInfo::new(Self::IDENTITY, Shape::Borrow(Type::<R>::INFO)) });
    type In<A: Around> = Self;
}

/// The numbers of handles: an index, and how often it has been used, so that a handle that is used after its
/// resource is gone is told from a new one.
///
/// Number 0 is none. The generation of an index is counted on each reuse, and has 12 bits: a stale handle is taken for
/// another's only after its index has been used 4096 times.
#[derive(Debug)]
pub struct HandleTable<T> {
    slots: alloc::vec::Vec<Slot<T>>,
    free: alloc::vec::Vec<u32>,
}

#[derive(Debug)]
struct Slot<T> {
    generation: u32,
    entry: Option<T>,
}

const INDEX_BITS: u32 = 20;
const INDEX: u32 = (1 << INDEX_BITS) - 1;

/// The most handles at one time. Indices start at 1.
pub const MAX_HANDLES: usize = (1 << INDEX_BITS) - 1;

impl<T> Default for HandleTable<T> {
    fn default() -> Self {
        Self::new()
    }
}

impl<T> HandleTable<T> {
    /// A table without entries.
    pub const fn new() -> Self {
        Self {
            slots: alloc::vec::Vec::new(),
            free: alloc::vec::Vec::new(),
        }
    }

    /// Adds an entry: its number.
    ///
    /// # Errors
    ///
    /// If there are too many.
    pub fn insert(&mut self, entry: T) -> Result<u32, HandleProblem> {
        if let Some(index) = self.free.pop()
            && let Some(slot) = self.slot(index)
        {
            slot.entry = Some(entry);
            return Ok(slot.generation << INDEX_BITS | index);
        }
        if self.slots.len() >= MAX_HANDLES {
            return Err(HandleProblem::TooMany);
        }
        self.slots.push(Slot {
            generation: 0,
            entry: Some(entry),
        });
        u32::try_from(self.slots.len()).map_err(|_| HandleProblem::TooMany)
    }

    /// The entry of a number.
    pub fn get(&mut self, number: u32) -> Option<&mut T> {
        let slot = self.slot(number & INDEX)?;
        if slot.generation == number >> INDEX_BITS {
            slot.entry.as_mut()
        } else {
            None
        }
    }

    /// Removes the entry of a number.
    pub fn remove(&mut self, number: u32) -> Option<T> {
        let index = number & INDEX;
        let slot = self.slot(index)?;
        if slot.generation != number >> INDEX_BITS {
            return None;
        }
        let entry = slot.entry.take()?;
        slot.generation = (slot.generation + 1) & (u32::MAX >> INDEX_BITS);
        self.free.push(index);
        Some(entry)
    }

    fn slot(&mut self, index: u32) -> Option<&mut Slot<T>> {
        let at = usize::try_from(index).ok()?.checked_sub(1)?;
        self.slots.get_mut(at)
    }
}
