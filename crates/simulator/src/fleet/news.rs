use lwm2m_core::client::Event;
use tracing::{debug, info, warn};

/// Logs what befell a device.
pub(super) fn tell(endpoint: &str, event: &Event) {
    match event {
        Event::Registered { location } => debug!(endpoint, location, "registered"),
        Event::Updated => debug!(endpoint, "registration updated"),
        Event::RegistrationFailed { why } => {
            warn!(endpoint, %why, "registration failed, will be tried again");
        }
        Event::RegistrationGivenUp => warn!(endpoint, "registration given up"),
        Event::BootstrapRequested => debug!(endpoint, "Bootstrap-Request sent"),
        Event::BootstrapPackRefused { why } => debug!(endpoint, %why, "no Bootstrap-Pack"),
        Event::BootstrapBegun => debug!(endpoint, "bootstrap begun"),
        Event::Bootstrapped => info!(endpoint, "bootstrapped"),
        Event::BootstrapFailed { why } => warn!(endpoint, %why, "bootstrap failed"),
        Event::SmartcardRead => info!(endpoint, "smartcard read"),
        Event::SmartcardRemoved => info!(endpoint, "smartcard removed"),
        Event::SmartcardRefused { why } => warn!(endpoint, %why, "smartcard cannot be used"),
        Event::BootstrapAccountPurged => info!(endpoint, "account with the Bootstrap-Server purged"),
        Event::Deregistered => debug!(endpoint, "de-registered"),
        Event::Written { path, value } => {
            let (shown, length) = (value.to_string(), value.to_string().len());
            info!(endpoint, %path, value = shown.get(..MOST_SHOWN).unwrap_or(&shown), length, "written");
        }
        Event::Created { path } => info!(endpoint, %path, "created"),
        Event::Deleted { path } => info!(endpoint, %path, "deleted"),
        Event::Executed { path, arguments } => info!(endpoint, %path, ?arguments, "executed"),
        Event::Observed { path } => debug!(endpoint, %path, "observed"),
        Event::ObservationEnded { path } => debug!(endpoint, %path, "observation ended"),
        Event::SendEnded { send, answer } => debug!(endpoint, ?send, ?answer, "Send ended"),
    }
}

/// Of a value that was written, in the log. A package of firmware is long.
const MOST_SHOWN: usize = 80;
