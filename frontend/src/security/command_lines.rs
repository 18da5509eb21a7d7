use console_api::{CredentialMode, CredentialServer};

/// What is pasted into a shell or a configuration, so that a client connects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CommandLine {
    pub(crate) client: &'static str,
    pub(crate) line: String,
}

/// A device that was just given a credential.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Newcomer<'a> {
    pub(crate) server: CredentialServer,
    pub(crate) mode: CredentialMode,
    pub(crate) endpoint: &'a str,
    pub(crate) identity: &'a str,
    /// In hexadecimal.
    pub(crate) key: &'a str,
    /// Where that server takes DTLS.
    pub(crate) coaps: &'a str,
}

/// How common clients connect with it.
pub(crate) fn command_lines(newcomer: Newcomer<'_>) -> Vec<CommandLine> {
    let Newcomer { server, mode, endpoint, identity, key, coaps } = newcomer;
    let bootstraps = server == CredentialServer::Bootstrap;
    let (anjay, other) = if bootstraps { (" --bootstrap", " -b") } else { ("", "") };
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
                     {given} --key {key}{anjay}"
                ),
            ),
            line("Wakaama", format!("./lwm2mclient -n {name} -h {host} -p {port} -i {given} -s {key}{other}")),
            line(
                "Leshan",
                format!(
                    "java -jar leshan-client-demo.jar -n {name} -u coaps://{address} -i {given} -p {key}{other}"
                ),
            ),
            line("Zephyr lwm2m_client", zephyr(newcomer)),
        ]
        .into_iter()
        .chain(simulated(newcomer).map(|it| line("Simulated device", it)))
        .collect(),
        CredentialMode::Rpk => vec![line(
            "Leshan",
            format!(
                "java -jar leshan-client-demo.jar -n {name} -u coaps://{address} -cpubk device-public.der -cprik \
                 device-private.der -spubk server-public.der{other}"
            ),
        )],
        CredentialMode::X509 => vec![
            line(
                "Anjay demo",
                format!(
                    "./demo --endpoint-name {name} --server-uri {coaps} --security-mode cert --client-cert-file \
                     device.der --key-file device-key.der --server-public-key-file server.der{anjay}"
                ),
            ),
            line(
                "Leshan",
                format!(
                    "java -jar leshan-client-demo.jar -n {name} -u coaps://{address} -ccert device.pem -cprik \
                     device-key.der -scert server.pem{other}"
                ),
            ),
        ],
    }
}

/// The simulator takes `%` for the endpoint name: not every credential fits it.
fn simulated(newcomer: Newcomer<'_>) -> Option<String> {
    let Newcomer { server, endpoint, identity, key, coaps, .. } = newcomer;
    if identity.contains('%') {
        return None;
    }
    let whose = if server == CredentialServer::Bootstrap { "--bootstrap" } else { "--server" };
    let (name, psk) = (quoted(endpoint), quoted(&format!("{identity}:{key}")));
    Some(format!("lwm2m-simulator {whose} {coaps} --name {name} --psk {psk}"))
}

fn zephyr(newcomer: Newcomer<'_>) -> String {
    let Newcomer { server, identity, key, coaps, .. } = newcomer;
    let text = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let bootstrap = if server == CredentialServer::Bootstrap {
        "\nCONFIG_LWM2M_RD_CLIENT_SUPPORT_BOOTSTRAP=y"
    } else {
        ""
    };
    format!(
        "CONFIG_LWM2M_APP_SERVER=\"{coaps}\"\nCONFIG_LWM2M_APP_ID=\"{}\"\nCONFIG_LWM2M_APP_PSK=\"{key}\"{bootstrap}",
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

    const LAMP: Newcomer<'_> = Newcomer {
        server: CredentialServer::DeviceManagement,
        mode: CredentialMode::Psk,
        endpoint: "lamp",
        identity: "lamp-1",
        key: "00ff",
        coaps: "coaps://[::1]:5684",
    };

    fn of(newcomer: Newcomer<'_>, client: &str) -> String {
        command_lines(newcomer).iter().find(|line| line.client == client).unwrap().line.clone()
    }

    #[test]
    fn a_line_for_every_common_client() {
        assert_eq!(of(LAMP, "Wakaama"), "./lwm2mclient -n lamp -h ::1 -p 5684 -i lamp-1 -s 00ff");
        assert!(of(LAMP, "Leshan").contains("-u coaps://[::1]:5684 -i lamp-1 -p 00ff"));
        assert!(of(LAMP, "Zephyr lwm2m_client").contains("CONFIG_LWM2M_APP_PSK=\"00ff\""));
        let simulated = "lwm2m-simulator --server coaps://[::1]:5684 --name lamp --psk lamp-1:00ff";
        assert_eq!(of(LAMP, "Simulated device"), simulated);
        let strange = Newcomer { identity: "100%", ..LAMP };
        assert_eq!(command_lines(strange).len(), 4, "the simulator would read it otherwise");
    }

    #[test]
    fn a_device_that_bootstraps_is_told_so() {
        for mode in [CredentialMode::Psk, CredentialMode::Rpk, CredentialMode::X509] {
            let newcomer = Newcomer { server: CredentialServer::Bootstrap, mode, ..LAMP };
            for line in command_lines(newcomer) {
                let says = [" -b", " --bootstrap", "SUPPORT_BOOTSTRAP=y"];
                assert!(says.iter().any(|says| line.line.contains(says)), "{line:?}");
            }
        }
    }

    #[test]
    fn no_name_breaks_out_of_its_word() {
        assert_eq!(quoted("urn:imei:1"), "urn:imei:1");
        assert_eq!(quoted("it's; rm -rf /"), r"'it'\''s; rm -rf /'");
        assert_eq!(quoted(""), "''");
    }
}
