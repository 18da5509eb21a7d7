//! Object 2 between JSON and the model.

use std::collections::BTreeMap;

use console_api::{
    AccessAnswer, AccessControlInstance as Told, AccessControlObstacle, AccessControlRule as ToldRule,
    AccessOperation, PlannedWrite,
};
use lwm2m_codec::{ContentFormat, Path, Record, Value, encode};
use lwm2m_model::access_control::{
    AccessControlChange, AccessControlInstance, AccessControlRule, AccessControlWrite, AccessRights,
    Decision, Obstacle, Operation,
};

use super::{AccessControlError, limits};

/// A Write as it is sent.
pub(super) struct Encoded {
    pub(super) path: Path,
    pub(super) content_format: ContentFormat,
    pub(super) payload: Vec<u8>,
}

pub(super) fn instance(guard: &AccessControlInstance) -> Told {
    Told {
        id: guard.id,
        object: guard.object,
        object_instance: guard.instance,
        owner: guard.owner,
        acl: guard.acl.iter().map(|(server, rights)| (*server, rights.bits())).collect(),
    }
}

pub(super) fn wanted(told: &[Told]) -> Result<Vec<AccessControlInstance>, AccessControlError> {
    let mut instances: Vec<AccessControlInstance> = Vec::new();
    for told in told {
        if instances.iter().any(|earlier| earlier.id == told.id) {
            let message = format!("/2/{} is there twice", told.id);
            return Err(AccessControlError::bad(message, "each instance once", told.id.to_string()));
        }
        let acl = acl(&format!("/2/{}", told.id), &told.acl)?;
        let (id, object, instance, owner) = (told.id, told.object, told.object_instance, told.owner);
        instances.push(AccessControlInstance { id, object, instance, owner, acl });
    }
    Ok(instances)
}

pub(super) fn rules(told: &[ToldRule]) -> Result<Vec<AccessControlRule>, AccessControlError> {
    if !(1..=limits::RULES).contains(&told.len()) {
        let message = "the number of rules is out of range";
        let expected = format!("1 to {}", limits::RULES);
        return Err(AccessControlError::bad(message, expected, told.len().to_string()));
    }
    let rule = |told: &ToldRule| {
        let acl = acl(&format!("the rule for /{}", told.object), &told.acl)?;
        let ToldRule { object, object_instance: instance, replace, owner, .. } = *told;
        Ok(AccessControlRule { object, instance, acl, replace, owner })
    };
    told.iter().map(rule).collect()
}

fn acl(of: &str, told: &BTreeMap<u16, u16>) -> Result<BTreeMap<u16, AccessRights>, AccessControlError> {
    let rights = |(&server, &bits): (&u16, &u16)| {
        let rights = AccessRights::from_bits(bits);
        if rights.bits() == bits && server < u16::MAX {
            return Ok((server, rights));
        }
        let expected = "Short Server IDs from 0 to 65534 and rights from 0 to 31";
        let message = format!("the list of {of} has an entry that is none");
        Err(AccessControlError::bad(message, expected, format!("{server}: {bits}")))
    };
    told.iter().map(rights).collect()
}

/// Text for one value, and `of_several`, which the device takes, for a list.
pub(super) fn encoded(
    write: &AccessControlWrite,
    of_several: ContentFormat,
) -> Result<Encoded, AccessControlError> {
    let path = write.path();
    let number = |number: u16| Value::Integer(number.into());
    let (content_format, records) = match &write.change {
        AccessControlChange::Entry { rights, .. } => {
            (ContentFormat::TEXT, vec![Record::new(path, number(rights.bits()))])
        }
        AccessControlChange::Owner(owner) => (ContentFormat::TEXT, vec![Record::new(path, number(*owner))]),
        AccessControlChange::Acl(acl) => {
            let entry = |(server, rights): (&u16, &AccessRights)| {
                let path = Path::resource_instance(super::device::ACCESS_CONTROL, write.id, 2, *server);
                Record::new(path, number(rights.bits()))
            };
            (of_several, acl.iter().map(entry).collect())
        }
    };
    let payload = encode(content_format, &path, &records)?;
    Ok(Encoded { path, content_format, payload })
}

pub(super) fn planned(write: &Encoded) -> PlannedWrite {
    PlannedWrite {
        path: write.path.to_string(),
        content_format: write.content_format.0,
        payload_hex: console_api::hex_encode(&write.payload),
    }
}

pub(super) fn obstacle(obstacle: &Obstacle) -> AccessControlObstacle {
    AccessControlObstacle { id: obstacle.id, why: obstacle.hindrance.to_string() }
}

pub(super) fn operation(asked: AccessOperation, path: Path) -> Result<Operation, AccessControlError> {
    Ok(match asked {
        AccessOperation::Read => Operation::Read(path),
        AccessOperation::Discover => Operation::Discover(path),
        AccessOperation::Write => Operation::Write(path),
        AccessOperation::WriteAttributes => Operation::WriteAttributes(path),
        AccessOperation::Execute => Operation::Execute(path),
        AccessOperation::Delete => Operation::Delete(path),
        AccessOperation::Observe => Operation::Observe(path),
        AccessOperation::Create => match path.object_id() {
            Some(object) => Operation::Create { object, instance: path.instance_id() },
            None => {
                let message = "an Object Instance is created in an Object";
                return Err(AccessControlError::bad(message, "a path such as /16", path.to_string()));
            }
        },
    })
}

pub(super) fn answer(server: u16, decision: &Decision) -> AccessAnswer {
    let code = decision.code().map(|code| {
        let (class, detail) = code.parts();
        format!("{class}.{detail:02}")
    });
    AccessAnswer {
        server,
        allowed: decision.is_allowed(),
        code: code.unwrap_or_default(),
        reason: decision.reason.to_string(),
        effects: decision.effects.iter().map(ToString::to_string).collect(),
        may_differ: decision.may_differ.iter().map(ToString::to_string).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(id: u16, acl: &[(u16, u16)]) -> Told {
        Told { id, object: 3, object_instance: 0, owner: 101, acl: acl.iter().copied().collect() }
    }

    #[test]
    fn what_is_wanted_must_make_sense() {
        let read = wanted(&[told(0, &[(101, 15), (0, 1)])]).unwrap();
        assert_eq!(instance(&read[0]), told(0, &[(0, 1), (101, 15)]));
        for bad in
            [vec![told(0, &[]), told(0, &[])], vec![told(0, &[(101, 32)])], vec![told(0, &[(65_535, 1)])]]
        {
            assert!(wanted(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_list_is_written_as_a_whole_and_a_value_as_text() {
        let acl: BTreeMap<_, _> = [(101, AccessRights::ALL_OF_INSTANCE)].into();
        let list = AccessControlWrite { id: 4, change: AccessControlChange::Acl(acl) };
        let list = encoded(&list, ContentFormat::TLV).unwrap();
        assert_eq!((list.path.to_string().as_str(), list.content_format), ("/2/4/2", ContentFormat::TLV));
        assert_eq!(list.payload, [0x83, 0x02, 0x41, 0x65, 0x0f]);
        let owner = AccessControlWrite { id: 4, change: AccessControlChange::Owner(102) };
        let owner = encoded(&owner, ContentFormat::TLV).unwrap();
        assert_eq!((owner.path.to_string().as_str(), owner.payload.as_slice()), ("/2/4/3", &b"102"[..]));
    }
}
