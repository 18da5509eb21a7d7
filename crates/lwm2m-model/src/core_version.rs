use lwm2m_codec::registration::LwM2mVersion;

use crate::version::ObjectVersion;

/// The version of a core object that belongs to a release of the enabler: what a client means that announces none
/// (LwM2M Core §7.2). `None` for all other objects; there 1.0 is meant.
///
/// TS 1.0 Appendix E, Core 1.1.1 and 1.2 Appendix E. OSCORE is not part of 1.0.
#[must_use]
pub const fn core_version(enabler: LwM2mVersion, object: u16) -> Option<ObjectVersion> {
    const V1_0: ObjectVersion = ObjectVersion::V1_0;
    const V1_1: ObjectVersion = ObjectVersion::new(1, 1);
    const V1_2: ObjectVersion = ObjectVersion::new(1, 2);
    let [v1_0, v1_1, v1_2] = match object {
        0 | 1 => [V1_0, V1_1, V1_2],
        2 | 6 | 7 => [V1_0; 3],
        3 => [V1_0, V1_1, V1_1],
        4 => [V1_0, V1_2, V1_2],
        5 => [V1_0, V1_0, V1_1],
        21 => [V1_0, V1_0, ObjectVersion::new(2, 0)],
        _ => return None,
    };
    Some(match enabler {
        LwM2mVersion::V1_0 => v1_0,
        LwM2mVersion::V1_1 => v1_1,
        LwM2mVersion::V1_2 => v1_2,
    })
}
