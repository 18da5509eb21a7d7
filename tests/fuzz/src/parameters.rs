//! Parameters of Register and Update.

use lwm2m_codec::{
    limits::PARAMETERS_MAX,
    registration::{LwM2mVersion, ParameterError, RegisterParameters, UpdateParameters},
};

use crate::{allocation, answers};

const VERSIONS: [LwM2mVersion; 3] = [LwM2mVersion::V1_0, LwM2mVersion::V1_1, LwM2mVersion::V1_2];

/// One parameter a line.
pub fn registration_parameters(data: &[u8]) {
    let Ok(text) = str::from_utf8(data) else { return };
    match allocation::reading(text.len(), || RegisterParameters::parse(text.lines())) {
        Err(error) => check_error(&error),
        Ok(parameters) => check_register(parameters),
    }
    for version in VERSIONS {
        match allocation::reading(text.len(), || UpdateParameters::parse(text.lines(), version)) {
            Err(error) => check_error(&error),
            Ok(parameters) => check_update(parameters, version),
        }
    }
}

fn check_error(error: &ParameterError) {
    answers::check_message(&error.to_string());
    let said = matches!(error, ParameterError::UnsupportedVersion { .. });
    assert_eq!(error.unsupported_version(), said);
}

fn check_register(mut parameters: RegisterParameters) {
    let Some(written) = readable(parameters.write()) else { return };
    let again = RegisterParameters::parse(written.iter().map(String::as_str));
    let mut again = again.unwrap_or_else(|error| panic!("{error}\nin {written:?}\nfrom {parameters:?}"));
    // 1.0 has queue mode among the letters of the binding, from where it is read again.
    if parameters.version == LwM2mVersion::V1_0 && parameters.queue_mode {
        assert!(again.binding.queue_mode(), "{again:?}");
        again.binding = parameters.binding.clone();
    }
    parameters.endpoint = parameters.endpoint.filter(|endpoint| !endpoint.is_empty());
    assert_eq!(again, parameters, "in {written:?}");
}

fn check_update(mut parameters: UpdateParameters, version: LwM2mVersion) {
    let Some(written) = readable(parameters.write(version)) else { return };
    let again = UpdateParameters::parse(written.iter().map(String::as_str), version);
    let mut again = again.unwrap_or_else(|error| panic!("{error}\nin {written:?}\nfrom {parameters:?}"));
    // Only read to be compared with the registration.
    (parameters.endpoint, parameters.version) = (None, None);
    if version == LwM2mVersion::V1_0 {
        // 1.0 says nothing of queue mode without a binding, and has it among the letters of one.
        match &parameters.binding {
            None => parameters.queue_mode = None,
            Some(_) if parameters.queue_mode == Some(true) => again.binding = parameters.binding.clone(),
            Some(_) => {}
        }
    } else if parameters.queue_mode == Some(false) {
        // The flag is there or not.
        parameters.queue_mode = None;
    }
    assert_eq!(again, parameters, "in {written:?}");
}

/// A list of profiles may come in one parameter; one parameter each, they can be too many.
fn readable(written: Vec<String>) -> Option<Vec<String>> {
    (written.len() <= PARAMETERS_MAX).then_some(written)
}
