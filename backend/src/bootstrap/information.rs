//! From a configuration to what one device receives.

use bootstrap_configuration::{typed, value_path};
use console_api::{BootstrapAccessControl, BootstrapInstance, OnRefusal};
use lwm2m_codec::{ContentFormat, Path, Record};
use lwm2m_core::bootstrap_server::{AccessControl, BootstrapInformation, OnRefusal as Refusal};

use super::{accounts::Addressee, configurations::Version};
use crate::credentials::{DeskError, Transaction};

/// Either all credentials that it needs are part of the transaction, or none.
pub(super) fn information(
    version: &Version,
    to: &Addressee<'_>,
    transaction: &mut Transaction<'_>,
) -> Result<BootstrapInformation, DeskError> {
    let before = transaction.mark();
    let information = whole(version, to, transaction);
    if information.is_err() {
        transaction.undo(before);
    }
    information
}

fn whole(
    version: &Version,
    to: &Addressee<'_>,
    transaction: &mut Transaction<'_>,
) -> Result<BootstrapInformation, DeskError> {
    let configuration = &version.configuration;
    let accounts = configuration.servers.iter().enumerate();
    let accounts =
        accounts.map(|(position, account)| to.account(position, account, &version.secrets, transaction));
    Ok(BootstrapInformation {
        discover: configuration.discover,
        on_refusal: match configuration.on_refusal {
            OnRefusal::Stop => Refusal::Stop,
            OnRefusal::Continue => Refusal::Continue,
        },
        content_format: configuration.content_format.map(ContentFormat),
        delete: configuration.delete.iter().map(|target| path(target)).collect::<Result<_, _>>()?,
        accounts: accounts.collect::<Result<_, _>>()?,
        access_control: configuration.access_control.iter().map(access_control).collect(),
        instances: configuration
            .instances
            .iter()
            .map(|instance| self::instance(instance, to))
            .collect::<Result<_, _>>()?,
        read: configuration.read.iter().map(|target| path(target)).collect::<Result<_, _>>()?,
        pack: configuration.pack,
    })
}

fn access_control(access_control: &BootstrapAccessControl) -> AccessControl {
    let BootstrapAccessControl { instance, object, object_instance, acl, owner } = access_control;
    AccessControl {
        instance: *instance,
        object: *object,
        object_instance: *object_instance,
        acl: acl.iter().map(|(server, rights)| (*server, *rights)).collect(),
        owner: *owner,
    }
}

fn instance(instance: &BootstrapInstance, to: &Addressee<'_>) -> Result<(Path, Vec<Record>), DeskError> {
    let target = path(&instance.path)?;
    let records = instance.values.iter().map(|value| {
        let at = value_path(&target, &value.path).ok_or_else(|| {
            DeskError::Failed(format!("expected a Resource below {target}, got {:?}", value.path))
        })?;
        let typed = typed(&at, &value.value, to.registry);
        let typed = typed.map_err(|wrong| {
            DeskError::Failed(format!("{at}: expected {}, got {}", wrong.expected, wrong.got))
        })?;
        Ok(Record::new(at, typed))
    });
    Ok((target, records.collect::<Result<_, DeskError>>()?))
}

/// It was checked when the configuration was saved.
fn path(text: &str) -> Result<Path, DeskError> {
    text.parse().map_err(|error: lwm2m_codec::PathError| DeskError::Failed(format!("{text}: {error}")))
}
