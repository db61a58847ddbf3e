//! The import through which guests speak.

use std::sync::Arc;

use pack_abi::convention::LOG;
use pack_abi::log::Record;
use wasmtime::Caller;

use super::{LogEvent, LogSink};
use crate::error::{Error, HostProblem};
use crate::host_call::{HostCall, HostResult, host_call};
use crate::import::Imports;
use crate::package::Package;
use crate::state::State;

/// Offers it to a package. Without a sink events are counted, and nothing else.
pub(crate) fn offer<T: 'static>(
    imports: &mut Imports<T>,
    package: &Package,
    sink: Option<Arc<dyn LogSink>>,
) -> Result<(), Error> {
    let (world, digest) = (package.types().world.clone(), package.digest());
    imports.function(
        LOG.0,
        LOG.1,
        move |mut caller: Caller<'_, State<T>>, pointer: i32, length: i32| -> HostResult<()> {
            caller
                .data_mut()
                .guest
                .log_bytes
                .charge(length.cast_unsigned())?;
            host_call(LOG.0, LOG.1, || {
                let call = HostCall::new(&mut caller)?;
                let message = call.bytes(pointer.cast_unsigned(), length.cast_unsigned())?;
                if let Some(sink) = &sink {
                    let record = Record::read(message, call.limits())?;
                    sink.log(&LogEvent::new(&world, digest, record));
                }
                Ok::<(), HostProblem>(())
            })
        },
    )
}
