use console_api::CredentialMode;

/// What is pasted into a shell or a configuration, so that a client connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandLine {
    pub(crate) client: &'static str,
    pub(crate) line: String,
}

/// For a device that was just given a credential. `coaps`: where this server takes DTLS. `key`: in hexadecimal.
pub(crate) fn command_lines(
    mode: CredentialMode,
    endpoint: &str,
    identity: &str,
    key: &str,
    coaps: &str,
) -> Vec<CommandLine> {
    let address = coaps.strip_prefix("coaps://").unwrap_or(coaps).trim_end_matches('/');
    let (host, port) = address.rsplit_once(':').unwrap_or((address, "5684"));
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let (name, given) = (quoted(endpoint), quoted(identity));
    let line = |client, line| CommandLine { client, line };
    match mode {
        CredentialMode::Psk => [
            line(
                "Anjay demo",
                format!(
                    "./demo --endpoint-name {name} --server-uri {coaps} --security-mode psk --identity-as-string \
                     {given} --key {key}"
                ),
            ),
            line("Wakaama", format!("./lwm2mclient -n {name} -h {host} -p {port} -i {given} -s {key}")),
            line(
                "Leshan",
                format!(
                    "java -jar leshan-client-demo.jar -n {name} -u coaps://{address} -i {given} -p {key}"
                ),
            ),
            line("Zephyr lwm2m_client", zephyr(coaps, identity, key)),
        ]
        .into_iter()
        .chain(simulated(endpoint, identity, key, coaps).map(|it| line("Simulated device", it)))
        .collect(),
        CredentialMode::Rpk => vec![line(
            "Leshan",
            format!(
                "java -jar leshan-client-demo.jar -n {name} -u coaps://{address} -cpubk device-public.der -cprik \
                 device-private.der -spubk server-public.der"
            ),
        )],
        CredentialMode::X509 => vec![
            line(
                "Anjay demo",
                format!(
                    "./demo --endpoint-name {name} --server-uri {coaps} --security-mode cert --client-cert-file \
                     device.der --key-file device-key.der --server-public-key-file server.der"
                ),
            ),
            line(
                "Leshan",
                format!(
                    "java -jar leshan-client-demo.jar -n {name} -u coaps://{address} -ccert device.pem -cprik \
                     device-key.der -scert server.pem"
                ),
            ),
        ],
    }
}

/// The simulator numbers its devices, and takes `%` for the endpoint name: not every credential fits it.
fn simulated(endpoint: &str, identity: &str, key: &str, coaps: &str) -> Option<String> {
    let prefix = endpoint.strip_suffix('1').filter(|prefix| !prefix.is_empty() && !identity.contains('%'))?;
    let (prefix, psk) = (quoted(prefix), quoted(&format!("{identity}:{key}")));
    Some(format!("lwm2m-simulator --server {coaps} --clients 1 --prefix {prefix} --psk {psk}"))
}

fn zephyr(coaps: &str, identity: &str, key: &str) -> String {
    let text = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "CONFIG_LWM2M_APP_SERVER=\"{coaps}\"\nCONFIG_LWM2M_APP_ID=\"{}\"\nCONFIG_LWM2M_APP_PSK=\"{key}\"",
        text(identity)
    )
}

/// For a POSIX shell: any legal endpoint name is one word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.:/@%+=,".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_for_every_common_client() {
        let lines = command_lines(CredentialMode::Psk, "lamp", "lamp-1", "00ff", "coaps://[::1]:5684");
        let of = |client: &str| lines.iter().find(|line| line.client == client).unwrap().line.clone();
        assert_eq!(of("Wakaama"), "./lwm2mclient -n lamp -h ::1 -p 5684 -i lamp-1 -s 00ff");
        assert!(of("Leshan").contains("-u coaps://[::1]:5684 -i lamp-1 -p 00ff"));
        assert!(of("Zephyr lwm2m_client").contains("CONFIG_LWM2M_APP_PSK=\"00ff\""));
        assert_eq!(lines.len(), 4, "no simulated device is called lamp");
        let lines = command_lines(CredentialMode::Psk, "lamp1", "x", "00", "coaps://h:5684");
        let simulated = "lwm2m-simulator --server coaps://h:5684 --clients 1 --prefix lamp --psk x:00";
        assert_eq!(lines.last().unwrap().line, simulated);
    }

    #[test]
    fn no_name_breaks_out_of_its_word() {
        assert_eq!(quoted("urn:imei:1"), "urn:imei:1");
        assert_eq!(quoted("it's; rm -rf /"), r"'it'\''s; rm -rf /'");
        assert_eq!(quoted(""), "''");
    }
}
