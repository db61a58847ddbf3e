//! Resources, as a host has them: its own, which guests hold by number, and those of guests.

use std::any::{Any, TypeId};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};

use pack_abi::HandleProblem;
use pack_abi::resource::{HandleTable, MAX_HANDLES, Own, RawHandle, Resource};

/// The resources of one instance.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    /// What the guest holds of the host's.
    table: HandleTable<Held>,
    /// Numbers that the message being written gives and lends to the guest.
    given: Vec<u32>,
    lent: Vec<u32>,
    /// Numbers of the guest's own that the message being written gives back to it.
    returned: Vec<u32>,
    /// Counts messages. Those that are written twice for want of room count once.
    message: u64,
    guest: Arc<GuestResources>,
}

/// What is lent belongs to the host, and ends when the host says so, whatever becomes of the call.
#[derive(Debug)]
struct Held {
    resource: TypeId,
    value: HostReference,
}

impl Held {
    fn is_lent(&self) -> bool {
        matches!(self.value, HostReference::Lent(_))
    }
}

/// Taken out while a host function works on it, so that it is a `&mut` there.
type HostValue = Mutex<Option<Box<dyn Any + Send>>>;

/// What the resources that a host holds of a guest know of the instance.
#[derive(Debug, Default)]
pub(crate) struct GuestResources {
    /// Set if there may be something in `dropped`: looked at before every call.
    has_dropped: AtomicBool,
    /// Dropped by the host, which the guest is told before the next call.
    dropped: Mutex<Vec<u32>>,
    /// How many the host has.
    live: AtomicUsize,
}

impl GuestResources {
    fn drop_later(&self, numbers: impl IntoIterator<Item = u32>) {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        dropped.extend(numbers);
        self.has_dropped.store(true, Ordering::Release);
    }

    #[inline]
    pub(crate) fn has_dropped(&self) -> bool {
        self.has_dropped.load(Ordering::Acquire)
    }

    /// One resource that the guest has to be told of.
    pub(crate) fn next_dropped(&self) -> Option<u32> {
        let mut dropped = self.dropped.lock().unwrap_or_else(PoisonError::into_inner);
        let number = dropped.pop();
        self.has_dropped
            .store(!dropped.is_empty(), Ordering::Release);
        number
    }
}

impl Handles {
    pub(crate) fn guest(&self) -> &Arc<GuestResources> {
        &self.guest
    }

    /// The message is on its way: what it gave away is the guest's.
    #[inline]
    pub(crate) fn message_sent(&mut self) {
        self.given.clear();
        self.returned.clear();
        self.message += 1;
    }

    /// The message is not sent: what it gave away is dropped, for the caller has parted with it.
    pub(crate) fn message_abandoned(&mut self) {
        for number in self.given.drain(..) {
            self.table.remove(number);
        }
        if !self.returned.is_empty() {
            self.guest.drop_later(self.returned.drain(..));
        }
        self.message += 1;
        self.call_ended();
    }

    /// The message did not find room, and is written again once the guest has made some: until then the guest has
    /// nothing of what it gives and lends.
    pub(crate) fn message_outgrown(&mut self) {
        for number in self.given.drain(..).chain(self.lent.drain(..)) {
            self.table.remove(number);
        }
    }

    /// What was lent for the call comes back.
    #[inline]
    pub(crate) fn call_ended(&mut self) {
        for number in self.lent.drain(..) {
            self.table.remove(number);
        }
    }

    /// The guest drops a resource of the host.
    pub(crate) fn drop_held(&mut self, number: u32) -> Result<(), HandleProblem> {
        match self.table.get(number) {
            None => Err(HandleProblem::Gone),
            Some(held) if held.is_lent() => Err(HandleProblem::Lent),
            Some(_) => {
                self.table.remove(number);
                Ok(())
            }
        }
    }

    fn held(&mut self, resource: TypeId, number: u32) -> Result<&mut Held, HandleProblem> {
        let held = self.table.get(number).ok_or(HandleProblem::Gone)?;
        if held.resource == resource {
            Ok(held)
        } else {
            Err(HandleProblem::OtherType)
        }
    }
}

fn of_instance(handles: Option<&mut dyn Any>) -> Result<&mut Handles, HandleProblem> {
    handles
        .and_then(|handles| handles.downcast_mut())
        .ok_or(HandleProblem::NoInstance)
}

/// A resource of the host, in the host.
pub struct HostHandle {
    value: HostReference,
    /// The number under which it has been given away last.
    number: AtomicU32,
}

#[derive(Debug)]
enum HostReference {
    Owned(Arc<HostValue>),
    Lent(Weak<HostValue>),
}

impl HostReference {
    fn lend(&self) -> Self {
        Self::Lent(match self {
            Self::Owned(value) => Arc::downgrade(value),
            Self::Lent(value) => Weak::clone(value),
        })
    }
}

impl HostHandle {
    fn new(value: HostReference) -> Self {
        Self {
            value,
            number: AtomicU32::new(0),
        }
    }

    fn value(&self) -> Result<Arc<HostValue>, HandleProblem> {
        match &self.value {
            HostReference::Owned(value) => Ok(Arc::clone(value)),
            HostReference::Lent(value) => value.upgrade().ok_or(HandleProblem::Gone),
        }
    }
}

impl fmt::Debug for HostHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HostHandle")
    }
}

/// Makes a resource of a value.
pub fn new_resource<R: Resource<Raw = HostHandle>>(value: impl Any + Send) -> R {
    let value: Arc<HostValue> = Arc::new(Mutex::new(Some(Box::new(value))));
    R::from_handle(Own::new(HostHandle::new(HostReference::Owned(value))))
}

/// The value that a resource was made of, while it is worked on.
#[derive(Debug)]
pub struct Lock<V: Any + Send> {
    value: Option<Box<V>>,
    place: Arc<HostValue>,
}

impl<V: Any + Send> Lock<V> {
    /// The value.
    ///
    /// # Errors
    ///
    /// Never: it is there until the lock is dropped.
    pub fn value(&mut self) -> Result<&mut V, HandleProblem> {
        self.value.as_deref_mut().ok_or(HandleProblem::Gone)
    }
}

impl<V: Any + Send> Drop for Lock<V> {
    fn drop(&mut self) {
        let value = self.value.take().map(|value| value as Box<dyn Any + Send>);
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = value;
    }
}

/// Takes the value that a resource was made of, to work on it.
///
/// # Errors
///
/// If the resource is gone, was made of a value of another type, or is being worked on already.
pub fn lock_resource<R: Resource<Raw = HostHandle>, V: Any + Send>(
    resource: &R,
) -> Result<Lock<V>, HandleProblem> {
    let place = resource.handle().raw().value()?;
    let mut there = place.lock().unwrap_or_else(PoisonError::into_inner);
    let value = there.take().ok_or(HandleProblem::InUse)?;
    match value.downcast() {
        Ok(value) => {
            drop(there);
            let value = Some(value);
            Ok(Lock { value, place })
        }
        Err(other) => {
            *there = Some(other);
            Err(HandleProblem::OtherType)
        }
    }
}

/// Works on the value that a resource was made of.
///
/// # Errors
///
/// As [`lock_resource`].
pub fn with_resource<R: Resource<Raw = HostHandle>, V: Any + Send, O>(
    resource: &R,
    work: impl FnOnce(&mut V) -> O,
) -> Result<O, HandleProblem> {
    lock_resource(resource)?.value().map(work)
}

/// The value that a resource was made of.
///
/// # Errors
///
/// The resource, if it was made of a value of another type, or is being worked on.
pub fn into_value<R: Resource<Raw = HostHandle>, V: Any + Send>(resource: R) -> Result<V, R> {
    match lock_resource(&resource) {
        Ok(mut lock) => match lock.value.take() {
            Some(value) => Ok(*value),
            None => Err(resource),
        },
        Err(_) => Err(resource),
    }
}

impl RawHandle for HostHandle {
    fn give(&self, resource: TypeId, handles: Option<&mut dyn Any>) -> Result<u32, HandleProblem> {
        let handles = of_instance(handles)?;
        let value = self.value()?;
        let number = self.number.load(Ordering::Relaxed);
        // The result of a host function that did not find room is written again at once.
        if let Some(held) = handles.table.get(number)
            && let HostReference::Owned(there) = &held.value
            && Arc::ptr_eq(there, &value)
        {
            return Ok(number);
        }
        let value = HostReference::Owned(value);
        let number = handles.table.insert(Held { resource, value })?;
        handles.given.push(number);
        self.number.store(number, Ordering::Relaxed);
        Ok(number)
    }

    fn lend(&self, resource: TypeId, handles: Option<&mut dyn Any>) -> Result<u32, HandleProblem> {
        let handles = of_instance(handles)?;
        let value = HostReference::Lent(Arc::downgrade(&self.value()?));
        let number = handles.table.insert(Held { resource, value })?;
        handles.lent.push(number);
        Ok(number)
    }

    fn take(
        resource: TypeId,
        number: u32,
        handles: Option<&mut dyn Any>,
    ) -> Result<Self, HandleProblem> {
        let handles = of_instance(handles)?;
        if handles.held(resource, number)?.is_lent() {
            return Err(HandleProblem::Lent);
        }
        let held = handles.table.remove(number).ok_or(HandleProblem::Gone)?;
        Ok(Self::new(held.value))
    }

    fn find(
        resource: TypeId,
        number: u32,
        handles: Option<&mut dyn Any>,
    ) -> Result<Self, HandleProblem> {
        let held = of_instance(handles)?.held(resource, number)?;
        Ok(Self::new(held.value.lend()))
    }

    fn borrow(&self) -> Self {
        Self::new(self.value.lend())
    }
}

/// A resource of a guest, in the host.
pub struct GuestHandle(GuestReference);

enum GuestReference {
    Owned(Arc<GuestResource>),
    Lent(Weak<GuestResource>),
}

struct GuestResource {
    number: u32,
    instance: Arc<GuestResources>,
    /// The number of the message that has given it back to the guest, counted from 1.
    given_by: AtomicU64,
}

impl Drop for GuestResource {
    fn drop(&mut self) {
        self.instance.live.fetch_sub(1, Ordering::Relaxed);
        if *self.given_by.get_mut() == 0 {
            self.instance.drop_later([self.number]);
        }
    }
}

impl fmt::Debug for GuestHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("GuestHandle")
    }
}

impl GuestHandle {
    /// The resource, if it is one of the instance that is called.
    fn resource(&self, handles: &Handles) -> Result<Arc<GuestResource>, HandleProblem> {
        let resource = match &self.0 {
            GuestReference::Owned(resource) => Arc::clone(resource),
            GuestReference::Lent(resource) => resource.upgrade().ok_or(HandleProblem::Gone)?,
        };
        if Arc::ptr_eq(&resource.instance, &handles.guest) {
            Ok(resource)
        } else {
            Err(HandleProblem::OtherInstance)
        }
    }
}

impl RawHandle for GuestHandle {
    fn give(&self, _: TypeId, handles: Option<&mut dyn Any>) -> Result<u32, HandleProblem> {
        let handles = of_instance(handles)?;
        let resource = self.resource(handles)?;
        let this = handles.message + 1;
        match resource.given_by.swap(this, Ordering::Relaxed) {
            0 => handles.returned.push(resource.number),
            // Arguments that did not find room are written again.
            given if given == this => {}
            _ => return Err(HandleProblem::Gone),
        }
        Ok(resource.number)
    }

    fn lend(&self, _: TypeId, handles: Option<&mut dyn Any>) -> Result<u32, HandleProblem> {
        let resource = self.resource(of_instance(handles)?)?;
        if resource.given_by.load(Ordering::Relaxed) != 0 {
            return Err(HandleProblem::Gone);
        }
        Ok(resource.number)
    }

    fn take(_: TypeId, number: u32, handles: Option<&mut dyn Any>) -> Result<Self, HandleProblem> {
        let instance = Arc::clone(&of_instance(handles)?.guest);
        if number == 0 {
            return Err(HandleProblem::Gone);
        }
        // A guest's own table has no more; one that gives numbers without a table would fill the host's memory.
        if instance.live.fetch_add(1, Ordering::Relaxed) >= MAX_HANDLES {
            instance.live.fetch_sub(1, Ordering::Relaxed);
            return Err(HandleProblem::TooMany);
        }
        Ok(Self(GuestReference::Owned(Arc::new(GuestResource {
            number,
            instance,
            given_by: AtomicU64::new(0),
        }))))
    }

    /// A guest cannot lend its own: imports come before the guest's types.
    fn find(_: TypeId, _: u32, _: Option<&mut dyn Any>) -> Result<Self, HandleProblem> {
        Err(HandleProblem::NoInstance)
    }

    fn borrow(&self) -> Self {
        Self(GuestReference::Lent(match &self.0 {
            GuestReference::Owned(resource) => Arc::downgrade(resource),
            GuestReference::Lent(resource) => Weak::clone(resource),
        }))
    }
}
