use lwm2m_codec::ResourceShape;

/// What a client has, as far as the one who asks knows.
pub trait Presence {
    /// The objects the client supports, also those without an instance, in ascending order.
    fn objects(&self) -> Vec<u16>;

    /// The instances of an object in ascending order.
    fn instances(&self, object: u16) -> Vec<u16>;

    /// A resource of an instance. One that a Write would bring into being counts as defined.
    fn resource(&self, object: u16, instance: u16, resource: u16) -> ResourcePresence;

    fn resource_instance(&self, object: u16, instance: u16, resource: u16, id: u16) -> bool;
}

/// What is known of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResourcePresence {
    Absent,
    /// It may be there, but nobody has a definition: nothing about it is ruled out.
    Undefined,
    Defined(ResourceShape),
}
