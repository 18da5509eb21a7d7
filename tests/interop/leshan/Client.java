// LwM2M Clients on the libraries of Eclipse Leshan, for every operation of the standard:
//   Server (1), Device (3), Location (6), Portfolio (16, whose instances the server creates and deletes),
//   BinaryAppDataContainer (19, a payload of several blocks) and two Temperatures (3303).
//   --url coap://127.0.0.1:5683   the LwM2M Server
//   --bootstrap yes               it is a Bootstrap-Server, which tells the LwM2M Servers
//   --name leshan                 Endpoint Client Name; with -n the beginning of it, as in leshan-07
//   -n 50                         number of clients
//   -t 1000                       milliseconds between two temperatures, 0 for constant ones
//   -l 300                        lifetime in seconds
//   --send 1000                   milliseconds between two Sends of the temperature, 0 for none
//   --psk identity:key            with a pre-shared key in hexadecimal; the others take files in DER:
//   --rpk public,private,server   with a raw public key; server is the public key that is expected
//   --x509 own,private,server     with a certificate; server is the certificate that is expected
//   --cid 0                       length of the DTLS Connection ID that it wants; 0: only to send the server's
// Executing /3303/x/5605 makes the client send its temperature, its battery level and /19/0.
// Says "bootstrapped" and "registered" when a client is, and "deregistered" after it was asked to stop (SIGTERM).
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.client.LeshanClient;
import org.eclipse.leshan.client.LeshanClientBuilder;
import org.eclipse.leshan.client.LwM2mClient;
import org.eclipse.leshan.client.engine.DefaultRegistrationEngineFactory;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.resource.BaseInstanceEnabler;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.client.resource.SimpleInstanceEnabler;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.LwM2mId;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.model.LwM2mModel;
import org.eclipse.leshan.core.model.LwM2mModelRepository;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Operations;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.node.LwM2mMultipleResource;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.BootstrapRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.DeregisterRequest;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.core.request.argument.Arguments;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.core.response.WriteResponse;
import org.eclipse.leshan.transport.californium.client.endpoint.CaliforniumClientEndpointsProvider;
import org.eclipse.leshan.transport.californium.client.endpoint.coap.CoapClientProtocolProvider;
import org.eclipse.leshan.transport.californium.client.endpoint.coaps.CoapsClientProtocolProvider;

public class Client {
    static final int PORTFOLIO = 16;
    static final int BINARY_DATA = 19;
    static final int TEMPERATURE = 3303;
    static final int SHORT_SERVER_ID = 123;
    static final long SEND_TIMEOUT_MS = 5_000;
    // The library gives up after a second, which is not enough on a busy machine.
    static final long DEREGISTRATION_TIMEOUT_MS = 15_000;

    public static class Device extends BaseInstanceEnabler {
        private volatile String timezone = "Europe/Paris";
        private volatile String utcOffset = "+01:00";

        @Override
        public ReadResponse read(LwM2mServer server, int resource) {
            return switch (resource) {
                case 0 -> ReadResponse.success(resource, "Eclipse Leshan");
                case 1 -> ReadResponse.success(resource, "Interop");
                case 2 -> ReadResponse.success(resource, "L-1");
                case 3 -> ReadResponse.success(resource, "1.0.0");
                case 9 -> ReadResponse.success(resource, 87L);
                case 11 -> ReadResponse.success(resource, Map.of(0, 0L), Type.INTEGER);
                case 13 -> ReadResponse.success(resource, new Date());
                case 14 -> ReadResponse.success(resource, utcOffset);
                case 15 -> ReadResponse.success(resource, timezone);
                case 16 -> ReadResponse.success(resource, "U");
                default -> super.read(server, resource);
            };
        }

        @Override
        public WriteResponse write(LwM2mServer server, boolean replace, int resource, LwM2mResource value) {
            switch (resource) {
                case 14 -> utcOffset = (String) value.getValue();
                case 15 -> timezone = (String) value.getValue();
                default -> {
                    return super.write(server, replace, resource, value);
                }
            }
            fireResourceChange(resource);
            return WriteResponse.success();
        }

        @Override
        public ExecuteResponse execute(LwM2mServer server, int resource, Arguments arguments) {
            return switch (resource) {
                case 4, 5, 12 -> ExecuteResponse.success();
                default -> super.execute(server, resource, arguments);
            };
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return List.of(0, 1, 2, 3, 4, 9, 11, 12, 13, 14, 15, 16);
        }
    }

    public static class Temperature extends BaseInstanceEnabler {
        // Tenths of a degree: a saw-tooth, so that every change can be told from the one before.
        private volatile int tenths = 200;

        void step() {
            tenths = tenths < 299 ? tenths + 1 : 200;
            fireResourceChange(5700);
        }

        @Override
        public ReadResponse read(LwM2mServer server, int resource) {
            return switch (resource) {
                case 5700 -> ReadResponse.success(resource, tenths / 10.0);
                case 5701 -> ReadResponse.success(resource, "Cel");
                default -> super.read(server, resource);
            };
        }

        @Override
        public ExecuteResponse execute(LwM2mServer server, int resource, Arguments arguments) {
            if (resource != 5605) {
                return super.execute(server, resource, arguments);
            }
            send(getLwM2mClient(), server, List.of("/3303/" + getId() + "/5700", "/3/0/9", "/19/0"));
            return ExecuteResponse.success();
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return List.of(5605, 5700, 5701);
        }
    }

    // An instance that has what it was given or written, and nothing else.
    public static class Values extends SimpleInstanceEnabler {
        public Values() {
        }

        Values(int id, Map<Integer, Object> values) {
            super(id, values);
        }

        @Override
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return List.copyOf(resources.keySet());
        }

        @Override
        protected LwM2mResource initializeResource(ObjectModel object, ResourceModel resource) {
            if (initialValues != null && initialValues.containsKey(resource.id)) {
                return super.initializeResource(object, resource);
            }
            // Without one before, the super class cannot take several values.
            return resource.multiple ? new LwM2mMultipleResource(resource.id, resource.type, List.of()) : null;
        }
    }

    public static void main(String[] arguments) throws Exception {
        Map<String, String> options = new HashMap<>();
        for (int i = 0; i + 1 < arguments.length; i += 2) {
            options.put(arguments[i], arguments[i + 1]);
        }
        String url = options.getOrDefault("--url", "coap://127.0.0.1:5683");
        String name = options.getOrDefault("--name", "leshan");
        long period = Long.parseLong(options.getOrDefault("-t", "1000"));
        long sendPeriod = Long.parseLong(options.getOrDefault("--send", "0"));
        int count = Integer.parseInt(options.getOrDefault("-n", "1"));

        LwM2mModel model = model();
        ScheduledExecutorService clock = Executors.newScheduledThreadPool(4);
        List<LeshanClient> clients = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            String endpoint = options.containsKey("-n") ? "%s-%02d".formatted(name, number) : name;
            Temperature first = new Temperature();
            Temperature second = new Temperature();
            LeshanClient client = client(endpoint, url, options, model, clock, first, second);
            clients.add(client);
            client.addObserver(teller(endpoint));
            client.start();
            if (period > 0) {
                clock.scheduleAtFixedRate(first::step, period, period, TimeUnit.MILLISECONDS);
            }
            if (sendPeriod > 0) {
                clock.scheduleAtFixedRate(() -> client.getRegisteredServers().values()
                        .forEach(server -> send(client, server, List.of("/3303/0/5700"))),
                        sendPeriod, sendPeriod, TimeUnit.MILLISECONDS);
            }
        }
        Runtime.getRuntime().addShutdownHook(
                new Thread(() -> clients.parallelStream().forEach(client -> client.destroy(true))));
        Thread.currentThread().join();
    }

    static void send(LwM2mClient client, LwM2mServer server, List<String> paths) {
        client.getSendService().sendData(server, ContentFormat.SENML_CBOR, paths, SEND_TIMEOUT_MS,
                response -> System.out.println("send answered: " + response.getCode()),
                error -> System.out.println("send failed: " + error));
    }

    static LwM2mClientObserverAdapter teller(String endpoint) {
        return new LwM2mClientObserverAdapter() {
            @Override
            public void onRegistrationSuccess(LwM2mServer server, RegisterRequest request, String id) {
                System.out.println(endpoint + " registered as " + id);
            }

            @Override
            public void onRegistrationFailure(LwM2mServer server, RegisterRequest request, ResponseCode code,
                    String message, Exception cause) {
                System.out.println(endpoint + ": registration refused: " + code + " " + message);
            }

            @Override
            public void onRegistrationTimeout(LwM2mServer server, RegisterRequest request) {
                System.out.println(endpoint + ": registration timed out");
            }

            @Override
            public void onBootstrapSuccess(LwM2mServer server, BootstrapRequest request) {
                System.out.println(endpoint + " bootstrapped");
            }

            @Override
            public void onBootstrapFailure(LwM2mServer server, BootstrapRequest request, ResponseCode code,
                    String message, Exception cause) {
                System.out.println(endpoint + ": bootstrap failed: " + code + " " + message + " " + cause);
            }

            @Override
            public void onBootstrapTimeout(LwM2mServer server, BootstrapRequest request) {
                System.out.println(endpoint + ": bootstrap timed out");
            }

            @Override
            public void onDeregistrationSuccess(LwM2mServer server, DeregisterRequest request) {
                System.out.println(endpoint + " deregistered");
            }
        };
    }

    static Security security(String url, Map<String, String> options) throws Exception {
        if (options.containsKey("--psk")) {
            String[] parts = options.get("--psk").split(":");
            return Security.psk(url, SHORT_SERVER_ID, parts[0].getBytes(), HexFormat.of().parseHex(parts[1]));
        }
        if (options.containsKey("--rpk")) {
            String[] files = options.get("--rpk").split(",");
            return Security.rpk(url, SHORT_SERVER_ID, bytes(files[0]), bytes(files[1]), bytes(files[2]));
        }
        if (options.containsKey("--x509")) {
            String[] files = options.get("--x509").split(",");
            return Security.x509(url, SHORT_SERVER_ID, bytes(files[0]), bytes(files[1]), bytes(files[2]));
        }
        return Security.noSec(url, SHORT_SERVER_ID);
    }

    // The account that the client has with a Bootstrap-Server.
    static Security bootstrap(String url, Map<String, String> options) throws Exception {
        if (options.containsKey("--psk")) {
            String[] parts = options.get("--psk").split(":");
            return Security.pskBootstrap(url, parts[0].getBytes(), HexFormat.of().parseHex(parts[1]));
        }
        if (options.containsKey("--rpk")) {
            String[] files = options.get("--rpk").split(",");
            return Security.rpkBootstrap(url, bytes(files[0]), bytes(files[1]), bytes(files[2]));
        }
        if (options.containsKey("--x509")) {
            String[] files = options.get("--x509").split(",");
            return Security.x509Bootstrap(url, bytes(files[0]), bytes(files[1]), bytes(files[2]));
        }
        return Security.noSecBootstrap(url);
    }

    static byte[] bytes(String file) throws Exception {
        return Files.readAllBytes(Path.of(file));
    }

    static LeshanClient client(String endpoint, String url, Map<String, String> options, LwM2mModel model,
            ScheduledExecutorService clock, Temperature... temperatures) throws Exception {
        ObjectsInitializer objects = new ObjectsInitializer(model);
        if (options.containsKey("--bootstrap")) {
            objects.setInstancesForObject(LwM2mId.SECURITY, bootstrap(url, options));
            objects.setClassForObject(LwM2mId.SERVER, Server.class);
            objects.setClassForObject(LwM2mId.ACCESS_CONTROL, Values.class);
        } else {
            long lifetime = Long.parseLong(options.getOrDefault("-l", "300"));
            objects.setInstancesForObject(LwM2mId.SECURITY, security(url, options));
            objects.setInstancesForObject(LwM2mId.SERVER,
                    new Server(SHORT_SERVER_ID, lifetime, EnumSet.of(BindingMode.U), false, BindingMode.U));
        }
        objects.setInstancesForObject(LwM2mId.DEVICE, new Device());
        objects.setInstancesForObject(LwM2mId.LOCATION,
                new Values(0, Map.of(0, 59.33, 1, 18.07, 5, new Date(1_700_000_000_000L))));
        objects.setClassForObject(PORTFOLIO, Values.class);
        objects.setInstancesForObject(PORTFOLIO, new Values(0, Map.of(0, Map.of(0, "Host", 1, "Fleet"))));
        objects.setInstancesForObject(BINARY_DATA, new Values(0, Map.of(0, Map.of(0, countingBytes(3_000)))));
        objects.setInstancesForObject(TEMPERATURE, temperatures);

        CaliforniumClientEndpointsProvider.Builder endpoints =
                new CaliforniumClientEndpointsProvider.Builder(
                        new CoapClientProtocolProvider(), new CoapsClientProtocolProvider());
        Configuration configuration = endpoints.createDefaultConfiguration();
        // Many clients share this process, and each talks to one server only.
        configuration.set(CoapConfig.PROTOCOL_STAGE_THREAD_COUNT, 1);
        configuration.set(CoapConfig.MAX_ACTIVE_PEERS, 10);
        configuration.set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
        configuration.set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
        configuration.set(DtlsConfig.DTLS_MAX_CONNECTIONS, 10);
        if (options.containsKey("--cid")) {
            configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, Integer.parseInt(options.get("--cid")));
        }
        endpoints.setConfiguration(configuration);
        endpoints.setClientAddress(InetAddress.getLoopbackAddress());

        LeshanClientBuilder builder = new LeshanClientBuilder(endpoint);
        builder.setObjects(objects.createAll());
        builder.setEndpointsProviders(endpoints.build());
        builder.setSharedExecutor(clock);
        builder.setRegistrationEngineFactory(new DefaultRegistrationEngineFactory()
                .setDeregistrationTimeoutInMs(DEREGISTRATION_TIMEOUT_MS));
        return builder.build();
    }

    static LwM2mModel model() throws Exception {
        List<ObjectModel> models = new ArrayList<>(ObjectLoader.loadAllDefault());
        models.add(new ObjectModel(PORTFOLIO, "Portfolio", "", "1.0", true, false,
                several(0, "Identity", Operations.RW, Type.STRING),
                resource(1, "GetAuthData", Operations.E, Type.NONE),
                several(2, "AuthData", Operations.R, Type.OPAQUE),
                resource(3, "AuthStatus", Operations.R, Type.INTEGER)));
        models.add(new ObjectModel(BINARY_DATA, "BinaryAppDataContainer", "", "1.0", true, false,
                several(0, "Data", Operations.RW, Type.OPAQUE),
                resource(1, "Data Priority", Operations.RW, Type.INTEGER),
                resource(3, "Data Description", Operations.RW, Type.STRING)));
        models.add(new ObjectModel(TEMPERATURE, "Temperature", "", "1.1", true, false,
                resource(5605, "Reset Min and Max Measured Values", Operations.E, Type.NONE),
                resource(5700, "Sensor Value", Operations.R, Type.FLOAT),
                resource(5701, "Sensor Units", Operations.R, Type.STRING)));
        return new LwM2mModelRepository(models).getLwM2mModel();
    }

    static ResourceModel resource(int id, String name, Operations operations, Type type) {
        return new ResourceModel(id, name, operations, false, false, type, null, null, "");
    }

    static ResourceModel several(int id, String name, Operations operations, Type type) {
        return new ResourceModel(id, name, operations, true, false, type, null, null, "");
    }

    static byte[] countingBytes(int length) {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) {
            bytes[i] = (byte) i;
        }
        return bytes;
    }
}
