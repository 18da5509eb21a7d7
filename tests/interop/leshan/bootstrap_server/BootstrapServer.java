// A Bootstrap-Server on the libraries of Eclipse Leshan. Every device is told the same: its accounts are deleted, then it
// gets the account of this server in Security instance 0 and one LwM2M Server in Security instance 1 and Server instance 0.
//   --coap 5783                   port for devices without security, on 127.0.0.1
//   --coaps 5784                  port for devices with a pre-shared key
//   --server coap://127.0.0.1:5683   the LwM2M Server that devices are sent to
//   --server-psk identity:key     the pre-shared key for it, in hexadecimal; without it there is no security
//   --device-psk name:identity:key   the pre-shared key of one device with this server
//   -l 300                        lifetime in seconds
// Says "ready" when it is, then each step of each session.
import java.net.InetSocketAddress;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.eclipse.leshan.core.SecurityMode;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.peer.LwM2mPeer;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.BootstrapDownlinkRequest;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig.ServerConfig;
import org.eclipse.leshan.server.bootstrap.BootstrapConfig.ServerSecurity;
import org.eclipse.leshan.server.bootstrap.BootstrapFailureCause;
import org.eclipse.leshan.server.bootstrap.BootstrapSession;
import org.eclipse.leshan.server.bootstrap.BootstrapSessionListener;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServer;
import org.eclipse.leshan.server.bootstrap.LeshanBootstrapServerBuilder;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.CaliforniumBootstrapServerEndpointsProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coap.CoapBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.californium.bootstrap.endpoint.coaps.CoapsBootstrapServerProtocolProvider;
import org.eclipse.leshan.server.security.BootstrapSecurityStoreAdapter;
import org.eclipse.leshan.server.security.InMemorySecurityStore;
import org.eclipse.leshan.server.security.SecurityInfo;

public class BootstrapServer {
    static final String HOST = "127.0.0.1";
    static final int SHORT_SERVER_ID = 123;

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        int coap = Integer.parseInt(options.getOrDefault("--coap", "5783"));
        int coaps = Integer.parseInt(options.getOrDefault("--coaps", "5784"));

        LeshanBootstrapServerBuilder builder = new LeshanBootstrapServerBuilder();
        InMemorySecurityStore keys = new InMemorySecurityStore();
        String uri = "coap://" + HOST + ":" + coap;
        String[] own = null;
        if (options.containsKey("--device-psk")) {
            String[] parts = options.get("--device-psk").split(":");
            own = new String[] { parts[1], parts[2] };
            keys.add(SecurityInfo.newPreSharedKeyInfo(parts[0], own[0], HexFormat.of().parseHex(own[1])));
            uri = "coaps://" + HOST + ":" + coaps;
        }
        builder.setSecurityStore(new BootstrapSecurityStoreAdapter(keys));
        BootstrapConfig configuration = configuration(uri, own, options);
        builder.setConfigStore(session -> configuration);

        CaliforniumBootstrapServerEndpointsProvider.Builder endpoints =
                new CaliforniumBootstrapServerEndpointsProvider.Builder(
                        new CoapBootstrapServerProtocolProvider(), new CoapsBootstrapServerProtocolProvider());
        endpoints.addEndpoint(new InetSocketAddress(HOST, coap), Protocol.COAP);
        endpoints.addEndpoint(new InetSocketAddress(HOST, coaps), Protocol.COAPS);
        builder.setEndpointsProviders(endpoints.build());

        LeshanBootstrapServer server = builder.build();
        server.addListener(new Teller());
        server.start();
        System.out.println("ready");
    }

    static BootstrapConfig configuration(String uri, String[] own, Map<String, String> options) {
        BootstrapConfig configuration = new BootstrapConfig();
        configuration.toDelete = List.of("/0", "/1");
        ServerSecurity bootstrap = security(uri, own);
        bootstrap.bootstrapServer = true;
        configuration.security.put(0, bootstrap);

        String psk = options.get("--server-psk");
        ServerSecurity security = security(options.getOrDefault("--server", "coap://127.0.0.1:5683"),
                psk == null ? null : psk.split(":"));
        security.serverId = SHORT_SERVER_ID;
        configuration.security.put(1, security);

        ServerConfig account = new ServerConfig();
        account.shortId = SHORT_SERVER_ID;
        account.lifetime = Integer.parseInt(options.getOrDefault("-l", "300"));
        account.binding = EnumSet.of(BindingMode.U);
        configuration.servers.put(0, account);
        return configuration;
    }

    static ServerSecurity security(String uri, String[] psk) {
        ServerSecurity security = new ServerSecurity();
        security.uri = uri;
        security.serverId = null;
        security.securityMode = psk == null ? SecurityMode.NO_SEC : SecurityMode.PSK;
        if (psk != null) {
            security.publicKeyOrId = psk[0].getBytes();
            security.secretKey = HexFormat.of().parseHex(psk[1]);
        }
        return security;
    }

    static class Teller implements BootstrapSessionListener {
        @Override
        public void sessionInitiated(BootstrapRequest request, LwM2mPeer peer) {
            System.out.println(request.getEndpointName() + " begins");
        }

        @Override
        public void unAuthorized(BootstrapRequest request, LwM2mPeer peer) {
            System.out.println(request.getEndpointName() + " is not authorized");
        }

        @Override
        public void authorized(BootstrapSession session) {
        }

        @Override
        public void noConfig(BootstrapSession session) {
            System.out.println(session.getEndpoint() + " has no configuration");
        }

        @Override
        public void sendRequest(BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request) {
            System.out.println("sent " + request.getClass().getSimpleName() + " " + request.getPath());
        }

        @Override
        public void onResponseSuccess(BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request, LwM2mResponse response) {
            System.out.println("answered " + response.getCode());
        }

        @Override
        public void onResponseError(BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request, LwM2mResponse response) {
            System.out.println("refused " + response.getCode() + " " + response.getErrorMessage());
        }

        @Override
        public void onRequestFailure(BootstrapSession session,
                BootstrapDownlinkRequest<? extends LwM2mResponse> request, Throwable cause) {
            System.out.println("not answered: " + cause);
        }

        @Override
        public void end(BootstrapSession session) {
            System.out.println(session.getEndpoint() + " finished");
        }

        @Override
        public void failed(BootstrapSession session, BootstrapFailureCause cause) {
            System.out.println(session.getEndpoint() + " failed: " + cause);
        }
    }
}
