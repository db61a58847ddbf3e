//! The packages of a composition, one by one.

use std::sync::Arc;

use pack_abi::Value;
use pack_abi::schema::Contract;

use crate::error::{Error, PoisonedBy};
use crate::guest::Guest;
use crate::instance::Instance;
use crate::limits::Usage;
use crate::package::Package;

impl<T: 'static> Instance<T> {
    /// The names of the parts, of which this instance is one: those that others call come first. An instance of a package
    /// alone has one part, of its world's name.
    pub fn part_names(&self) -> impl Iterator<Item = &str> {
        self.parts.iter().map(|part| &*part.name)
    }

    /// A part of the composition, to look into it and to call it by name.
    ///
    /// # Errors
    ///
    /// [`Error::NoSuchPart`], with the names of those that there are.
    pub fn part(&mut self, name: &str) -> Result<PartMut<'_, T>, Error> {
        let found = self.parts.iter().find(|part| *part.name == *name);
        let Some(guest) = found.map(|part| Arc::clone(&part.guest)) else {
            let available: Vec<&str> = self.part_names().collect();
            return Err(Error::NoSuchPart {
                name: name.to_owned(),
                available: available.join(", "),
            });
        };
        let main = self.turn_to(guest);
        Ok(PartMut {
            instance: self,
            main,
        })
    }
}

/// A part of a composition, which [`Instance::part`] gives.
///
/// ```no_run
/// # use pack_runtime::{Error, Instance};
/// # fn demo(report: &mut Instance<()>) -> Result<(), Error> {
/// let mut words = report.part("words")?;
/// let count = words.call("demo:text/words", "count", &["a b c".into()])?;
/// println!("{count:?}, with {} bytes of memory", words.usage().memory);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct PartMut<'a, T: 'static> {
    /// Turned to the part.
    instance: &'a mut Instance<T>,
    main: Arc<Guest>,
}

impl<T: 'static> Drop for PartMut<'_, T> {
    fn drop(&mut self) {
        self.instance.turn_to(Arc::clone(&self.main));
    }
}

impl<T: 'static> PartMut<'_, T> {
    /// The package.
    pub fn package(&self) -> &Package {
        self.instance.package()
    }

    /// The types, imports and exports of the package.
    pub fn types(&self) -> &Contract {
        self.instance.types()
    }

    /// The host's data, which all parts share.
    pub fn host(&self) -> &T {
        self.instance.host()
    }

    /// The host's data, which all parts share.
    pub fn host_mut(&mut self) -> &mut T {
        self.instance.host_mut()
    }

    /// Why the instance, with all its parts, cannot be used any more, if that is so.
    pub fn poisoned(&self) -> Option<PoisonedBy> {
        self.instance.poisoned()
    }

    /// What the part has used.
    pub fn usage(&self) -> Usage {
        self.instance.usage()
    }

    /// Calls a function by name, as [`Instance::call`] does.
    ///
    /// # Errors
    ///
    /// As [`Instance::call`].
    pub fn call(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Error> {
        self.instance.call(interface, function, arguments)
    }

    /// Calls a function by name, as [`Instance::call_async`] does.
    ///
    /// # Errors
    ///
    /// As [`Instance::call`].
    #[cfg(feature = "async")]
    pub async fn call_async(
        &mut self,
        interface: &str,
        function: &str,
        arguments: &[Value],
    ) -> Result<Option<Value>, Error>
    where
        T: Send,
    {
        self.instance
            .call_async(interface, function, arguments)
            .await
    }
}
