use coap::{Code, Instant, Message, Options, Response};
use lwm2m_codec::{
    ContentFormat, Level, Node, Path, Value,
    attributes::{AttachError, AttachedAttributes, WriteAttributes},
    encode_node,
    registration::LwM2mVersion,
};
use lwm2m_model::{
    ResourceDefinition,
    access_control::{Decision, Operation, Requester},
};

use super::{
    access_control,
    attributes::InForce,
    composite,
    config::ClientConfig,
    content_formats, create, delete, discover,
    event::Event,
    execute,
    object_tree::{ObjectTree, Resource},
    observation::Observed,
    observations::Observations,
    refusal::Refusal,
    target::{self, Target},
    write::{self, WriteMode},
};

/// Answers one request of the server (LwM2M 1.0 TS §5.4, §5.5) and says what it brought about.
///
/// The order of the checks decides which code a request with several faults gets: path, forbidden objects, existence
/// of the instance, access right, existence of the resource, operation, format, payload.
pub(super) struct DeviceManagement<'a> {
    pub(super) now: Instant,
    pub(super) config: &'a ClientConfig,
    /// Whose request it is: what its account may do decides, and only its observations and attributes are touched.
    pub(super) requester: Requester,
    pub(super) tree: &'a mut ObjectTree,
    pub(super) observations: &'a mut Observations,
    pub(super) attached: &'a mut AttachedAttributes,
    /// Which instance of the Server object holds the account of the requester.
    pub(super) server_instance: u16,
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
        target::addressable(self.config.version, &path)?;
        match (request.code, path.level()) {
            (Code::GET, _) if request.options.accept() == Some(ContentFormat::CORE_LINK.0) => {
                self.discover(&path, request)
            }
            (Code::GET, _) => self.read_or_observe(&path, request),
            (Code::PUT, _) if is_write_attributes(request) => self.write_attributes(&path, request),
            (Code::PUT, _) => self.write(&path, request, WriteMode::Replace),
            (Code::POST, Level::Object) => self.create(&path, request),
            (Code::POST, Level::ObjectInstance) => self.write(&path, request, WriteMode::PartialUpdate),
            (Code::POST, Level::Resource) if self.is_updated_by_post(&path) => {
                self.write(&path, request, WriteMode::PartialUpdate)
            }
            (Code::POST, _) => self.execute(&path, request),
            (Code::DELETE, _) => self.delete(&path),
            (Code::FETCH, Level::Root) if self.has_composites() => self.read_composite(request),
            (Code::IPATCH, Level::Root) if self.has_composites() => self.write_composite(request),
            (code, _) => {
                Err(Refusal::not_allowed(format!("method {code} on {path} is not supported by this client")))
            }
        }
    }

    fn permit(&self, operation: &Operation) -> Result<Decision, Refusal> {
        access_control::permit(self.tree, self.requester, operation)
    }

    fn discover(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        self.permit(&Operation::Discover(*path))?;
        let depth = discover::depth(self.config.version, &request.options);
        let payload = discover::discover(&self.in_force(), path, depth);
        Ok(content(ContentFormat::CORE_LINK, payload.into_bytes()))
    }

    fn read_or_observe(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        let accept = request.options.accept().map(ContentFormat);
        let (format, payload) = representation(self.tree, self.config.version, self.requester, path, accept)?;
        let mut response = content(format, payload);
        self.observe_or_cancel(Observed::Node(*path), request, accept, &mut response)?;
        Ok(response)
    }

    /// LwM2M 1.0 TS §5.4.4.
    fn write_attributes(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        self.permit(&Operation::WriteAttributes(*path))?;
        if matches!(self.tree.resource(path), Some(Resource::Executable)) {
            return Err(Refusal::not_allowed(format!("{path} is executable, so there is nothing to notify")));
        }
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
        let in_force = InForce {
            attached: self.attached,
            tree: self.tree,
            config: self.config,
            server_instance: self.server_instance,
        };
        self.observations.refresh(&in_force);
        Ok(done(Code::CHANGED))
    }

    fn in_force(&self) -> InForce<'_> {
        InForce {
            attached: self.attached,
            tree: self.tree,
            config: self.config,
            server_instance: self.server_instance,
        }
    }

    /// POST on a multiple resource is a Partial Update since LwM2M 1.1 (Core §6.3.3); on any other it is an Execute.
    fn is_updated_by_post(&self, path: &Path) -> bool {
        let is_multiple =
            |definition: &ResourceDefinition| definition.multiple && definition.value_type.is_some();
        self.config.version >= LwM2mVersion::V1_1 && self.tree.definition(path).is_some_and(is_multiple)
    }

    fn execute(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        self.permit(&Operation::Execute(*path))?;
        let arguments = execute::arguments(path, request)?;
        let permitted = self.tree.permits(path, None);
        permitted.map_err(|why| Refusal::not_allowed(format!("{path} cannot be executed: {why}")))?;
        self.events.push(Event::Executed { path: *path, arguments });
        Ok(done(Code::CHANGED))
    }

    fn write(&mut self, path: &Path, request: &Message, mode: WriteMode) -> Result<Response, Refusal> {
        self.permit(&Operation::Write(*path))?;
        for record in write::write(self.tree, self.config, path, request, mode)? {
            self.events.push(Event::Written { path: record.path, value: record.value });
        }
        Ok(done(Code::CHANGED))
    }

    fn create(&mut self, path: &Path, request: &Message) -> Result<Response, Refusal> {
        let object = path.object_id().unwrap_or_default();
        let created = create::create(self.tree, self.config, self.requester, object, request)?;
        let mut response = done(Code::CREATED);
        // Of several, whose ids the server chose itself, no single location could tell.
        if let [path] = *created {
            let root = self.config.root.split('/').filter(|segment| !segment.is_empty()).map(str::to_owned);
            let location: Vec<String> = root.chain(path.ids().iter().map(u16::to_string)).collect();
            let location: Vec<&str> = location.iter().map(String::as_str).collect();
            response.options = response.options.with_location(&location);
        }
        self.events.extend(created.into_iter().map(|path| Event::Created { path }));
        Ok(response)
    }

    fn delete(&mut self, path: &Path) -> Result<Response, Refusal> {
        delete::delete(self.tree, self.config.version, self.requester, path)?;
        self.events.push(Event::Deleted { path: *path });
        Ok(done(Code::DELETED))
    }

    fn has_composites(&self) -> bool {
        self.config.composites && self.config.version >= LwM2mVersion::V1_1
    }

    fn read_composite(&mut self, request: &Message) -> Result<Response, Refusal> {
        let selection = composite::Selection::of(self.config, request)?;
        let mut response = content(selection.format, selection.representation(self.tree, self.requester)?);
        let format = Some(selection.format);
        self.observe_or_cancel(Observed::composite(selection.paths), request, format, &mut response)?;
        Ok(response)
    }

    fn write_composite(&mut self, request: &Message) -> Result<Response, Refusal> {
        let written = composite::write(self.tree, self.config, self.requester, request)?;
        let values = written.values.into_iter();
        self.events.extend(values.map(|record| Event::Written { path: record.path, value: record.value }));
        self.events.extend(written.removed.into_iter().map(|path| Event::Deleted { path }));
        Ok(done(Code::CHANGED))
    }

    fn well_known_core(&self) -> Response {
        let links = discover::object_links(self.tree, self.config).write();
        content(ContentFormat::CORE_LINK, links.into_bytes())
    }
}

/// The value at `path` in the format asked for, or in the client's preferred one: text or opaque for one value, TLV
/// for more (LwM2M 1.0 TS §6.4). Instances that the server may not read are left out; 4.01 when that leaves nothing,
/// and then a notification is not sent.
pub(super) fn representation(
    tree: &ObjectTree,
    version: LwM2mVersion,
    requester: Requester,
    path: &Path,
    accept: Option<ContentFormat>,
) -> Result<(ContentFormat, Vec<u8>), Refusal> {
    let readable = access_control::permit(tree, requester, &Operation::Read(*path))?.allowed;
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
    let records: Vec<_> = readable.iter().flat_map(|path| tree.records(path)).collect();
    if format.canonical() != ContentFormat::TLV {
        return Ok((format, content_formats::encode(format, path, &records)?));
    }
    // TLV alone can say that an instance or a multiple resource is there with nothing in it.
    let mut node = Node::from_records(records)
        .map_err(|path| Refusal::new(Code::INTERNAL_SERVER_ERROR, format!("{path} is there twice")))?;
    readable.iter().flat_map(|path| tree.empty(path)).for_each(|path| node.insert_empty(&path));
    let payload = encode_node(format.canonical(), path, &node);
    Ok((format, payload.map_err(|error| not_acceptable(format!("{error}")))?))
}

/// LwM2M 1.0 TS §8.2.5: PUT with attributes in the query and nothing to write.
fn is_write_attributes(request: &Message) -> bool {
    request.payload.is_empty()
        && request.options.content_format().is_none()
        && request.options.all(coap::option_number::URI_QUERY).next().is_some()
}

pub(super) fn queries(request: &Message) -> Result<Vec<&str>, Refusal> {
    request.options.uri_query().map_err(|error| Refusal::bad_request(format!("{error}")))
}

fn content(format: ContentFormat, payload: Vec<u8>) -> Response {
    Response { code: Code::CONTENT, options: Options::default().with_content_format(format.0), payload }
}

fn done(code: Code) -> Response {
    Response { code, options: Options::default(), payload: Vec::new() }
}
