use coap::{Code, Instant, Message, Options, Response};
use lwm2m_codec::{
    ContentFormat, Level, Path, Value,
    attributes::{
        AttachError, AttachedAttributes, AttributeTarget, NotificationAttributes, WriteAttributes,
        parse_observe_parameters,
    },
    encode, execute,
    registration::LwM2mVersion,
};

use super::{
    attributes::InForce,
    config::ClientConfig,
    content_formats, discover,
    event::Event,
    information_reporting::{Observations, Observe},
    limits,
    object_tree::{ObjectTree, Resource},
    refusal::Refusal,
    target::{self, Target},
    write::{self, WriteMode},
};

/// Answers one request of the server (LwM2M 1.0 TS §5.4, §5.5) and says what it brought about.
///
/// The order of the checks decides which code a request with several faults gets: path, forbidden objects,
/// existence, operation, format, payload.
pub(super) struct DeviceManagement<'a> {
    pub(super) now: Instant,
    pub(super) config: &'a ClientConfig,
    pub(super) tree: &'a mut ObjectTree,
    pub(super) observations: &'a mut Observations,
    pub(super) attached: &'a mut AttachedAttributes,
    pub(super) events: Vec<Event>,
}

impl DeviceManagement<'_> {
    pub(super) fn answer(&mut self, request: &Message) -> Response {
        self.dispatch(request).unwrap_or_else(Refusal::into_response)
    }

    fn dispatch(&mut self, request: &Message) -> Result<Response, Refusal> {
        let segments =
            request.options.uri_path().map_err(|error| Refusal::bad_request(format!("{error}")))?;
        let path = match target::target(&self.config.root, &segments)? {
            Target::WellKnownCore if request.code == Code::GET => return Ok(self.well_known_core()),
            Target::WellKnownCore => return Err(Refusal::not_allowed("/.well-known/core can only be read")),
            Target::Node(path) => path,
        };
        target::existing(self.tree, self.config.version, &path)?;
        match (request.code, path.level()) {
            (_, Level::Root) => Err(Refusal::not_allowed("no operation is supported on the root")),
            (Code::GET, _) => self.read_discover_or_observe(&path, request),
            (Code::PUT, _) if is_write_attributes(request) => self.write_attributes(&path, request),
            (Code::PUT, Level::Object) => Err(Refusal::not_allowed("Write is not defined for an object")),
            (Code::PUT, _) => self.write(&path, request, WriteMode::Replace),
            (Code::POST, Level::Object) => {
                Err(Refusal::not_allowed("Create is not supported by this client"))
            }
            (Code::POST, Level::ObjectInstance) => self.write(&path, request, WriteMode::PartialUpdate),
            (Code::POST, Level::Resource) => self.execute_or_update(&path, request),
            (Code::POST, _) => Err(Refusal::not_allowed("POST is not defined for a resource instance")),
            (Code::DELETE, _) => Err(Refusal::not_allowed("Delete is not supported by this client")),
            (code, _) => Err(Refusal::not_allowed(format!("method {code} is not supported by this client"))),
        }
    }

    fn read_discover_or_observe(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        let accept = request.options.accept().map(ContentFormat);
        if accept == Some(ContentFormat::CORE_LINK) {
            let depth = discover::depth(self.config.version, &request.options);
            let payload = discover::discover(&self.in_force(), path, depth);
            return Ok(content(ContentFormat::CORE_LINK, payload.into_bytes()));
        }
        let (format, payload) = representation(self.tree, self.config.version, path, accept)?;
        let mut response = content(format, payload);
        // RFC 7641 §2: 0 registers, 1 deregisters; other values mean nothing in a request.
        match request.options.observe() {
            Some(0) => {
                let sequence = self.observe(path, request, accept)?;
                response.options = response.options.with_observe(sequence);
            }
            Some(1) if self.observations.cancel(path, request.token) => {
                self.events.push(Event::ObservationEnded { path: *path });
            }
            _ => {}
        }
        Ok(response)
    }

    fn observe(
        &mut self,
        path: &Path,
        request: &Message,
        accept: Option<ContentFormat>,
    ) -> Result<u32, Refusal> {
        if self.observations.full_for(path) {
            let limit = limits::OBSERVATIONS;
            let text = format!("this client holds at most {limit} observations");
            return Err(Refusal::new(Code::SERVICE_UNAVAILABLE, text));
        }
        let parameters = self.observe_parameters(path, request)?;
        self.events.push(Event::Observed { path: *path });
        let observe = Observe { token: request.token, accept, parameters };
        let in_force = InForce { attached: self.attached, tree: self.tree, config: self.config };
        Ok(self.observations.observe(self.now, *path, observe, &in_force))
    }

    /// The attributes that an Observe brings, which exist since LwM2M 1.2 (Core §6.4.1).
    fn observe_parameters(
        &self,
        path: &Path,
        request: &Message,
    ) -> Result<Option<NotificationAttributes>, Refusal> {
        let parameters = parse_observe_parameters(queries(request)?)
            .map_err(|error| Refusal::bad_request(format!("{error}")))?;
        let Some(parameters) = parameters else { return Ok(None) };
        if self.config.version < LwM2mVersion::V1_2 {
            return Err(Refusal::bad_request(
                "this client has no attributes in Observe, which LwM2M 1.2 brought",
            ));
        }
        let target = AttributeTarget::new(path, self.tree.registry(), self.config.version);
        match parameters.violations(&target).first() {
            Some(violation) => Err(Refusal::bad_request(format!("{violation}"))),
            None => Ok(Some(parameters)),
        }
    }

    /// LwM2M 1.0 TS §5.4.4.
    fn write_attributes(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        let write = WriteAttributes::parse(queries(request)?)
            .map_err(|error| Refusal::bad_request(format!("{error}")))?;
        let written = self.attached.write(path, &write, self.tree.registry(), self.config.version);
        written.map_err(|error| match error {
            AttachError::TooManyNodes => Refusal::new(Code::SERVICE_UNAVAILABLE, format!("{error}")),
            error => Refusal::bad_request(format!("{error}")),
        })?;
        if write.cancel {
            let ended = self.observations.cancel_below(path).into_iter();
            self.events.extend(ended.map(|path| Event::ObservationEnded { path }));
        }
        let in_force = InForce { attached: self.attached, tree: self.tree, config: self.config };
        self.observations.refresh(&in_force);
        Ok(changed())
    }

    fn in_force(&self) -> InForce<'_> {
        InForce { attached: self.attached, tree: self.tree, config: self.config }
    }

    fn execute_or_update(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        match self.tree.resource(path) {
            Some(Resource::Executable) => self.execute(path, request),
            Some(Resource::Multiple(_)) if is_writable(self.tree, path) => {
                self.write(path, request, WriteMode::PartialUpdate)
            }
            _ => Err(Refusal::not_allowed(format!("{path} cannot be executed"))),
        }
    }

    /// LwM2M 1.0 TS §5.4.5. The arguments are for the application to judge, save for the client's own triggers.
    fn execute(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        let format = request.options.content_format().map(ContentFormat);
        if format.is_some_and(|format| format.canonical() != ContentFormat::TEXT) {
            let text = "expected arguments as text/plain (0)".to_owned();
            return Err(Refusal::new(Code::UNSUPPORTED_CONTENT_FORMAT, text));
        }
        let payload = write::bounded_payload(request)?;
        let text = core::str::from_utf8(payload)
            .map_err(|error| Refusal::bad_request(format!("arguments are not UTF-8: {error}")))?;
        let arguments = execute::parse(text).map_err(|error| Refusal::bad_request(format!("{error}")))?;
        // LwM2M 1.1 Core, Registration Update Trigger: argument 0 names the binding, others are not defined.
        if path.object_id() == Some(1)
            && path.resource_id() == Some(8)
            && arguments.iter().any(|argument| argument.digit != 0)
        {
            return Err(Refusal::bad_request(format!("{path} knows the argument 0 only")));
        }
        let permitted = self.tree.permits(path, None);
        permitted.map_err(|why| Refusal::not_allowed(format!("{path} cannot be executed: {why}")))?;
        self.events.push(Event::Executed { path: *path, arguments });
        Ok(changed())
    }

    fn write(&mut self, path: &Path, request: &Message, mode: WriteMode) -> Result<Response, Refusal> {
        let written = write::write(self.tree, self.config.version, path, request, mode)?;
        for record in written {
            self.events.push(Event::Written { path: record.path, value: record.value });
        }
        Ok(changed())
    }

    fn well_known_core(&self) -> Response {
        let links = discover::object_links(self.tree, self.config).write();
        content(ContentFormat::CORE_LINK, links.into_bytes())
    }
}

/// The value at `path` in the format asked for, or in the client's preferred one: text or opaque for one value, TLV
/// for more (LwM2M 1.0 TS §6.4).
pub(super) fn representation(
    tree: &ObjectTree,
    version: LwM2mVersion,
    path: &Path,
    accept: Option<ContentFormat>,
) -> Result<(ContentFormat, Vec<u8>), Refusal> {
    if path.level() >= Level::Resource && !tree.definition(path).is_some_and(|found| found.operations.read) {
        return Err(Refusal::not_allowed(format!("{path} cannot be read")));
    }
    let single = tree.value(path);
    let preferred = match single {
        Some(Value::Opaque(_)) => ContentFormat::OPAQUE,
        Some(_) => ContentFormat::TEXT,
        None => ContentFormat::TLV,
    };
    let format = accept.unwrap_or(preferred);
    let fits = match format.canonical() {
        ContentFormat::TEXT | ContentFormat::CBOR => single.is_some(),
        ContentFormat::OPAQUE => matches!(single, Some(Value::Opaque(_))),
        _ => true,
    };
    let not_acceptable = |diagnostic| Refusal::new(Code::NOT_ACCEPTABLE, diagnostic);
    if !fits || !content_formats::supported(version).contains(&format.canonical()) {
        let shown = content_formats::shown(format);
        return Err(not_acceptable(format!("{path} is not available as {shown}")));
    }
    let payload = encode(format.canonical(), path, &tree.records(path))
        .map_err(|error| not_acceptable(format!("{error}")))?;
    Ok((format, payload))
}

fn is_writable(tree: &ObjectTree, path: &Path) -> bool {
    tree.definition(path).is_some_and(|found| found.operations.write)
}

/// LwM2M 1.0 TS §8.2.5: PUT with attributes in the query and nothing to write.
fn is_write_attributes(request: &Message) -> bool {
    request.payload.is_empty()
        && request.options.content_format().is_none()
        && request.options.all(coap::option_number::URI_QUERY).next().is_some()
}

fn queries(request: &Message) -> Result<Vec<&str>, Refusal> {
    request.options.uri_query().map_err(|error| Refusal::bad_request(format!("{error}")))
}

fn content(format: ContentFormat, payload: Vec<u8>) -> Response {
    Response { code: Code::CONTENT, options: Options::default().with_content_format(format.0), payload }
}

fn changed() -> Response {
    Response { code: Code::CHANGED, options: Options::default(), payload: Vec::new() }
}
