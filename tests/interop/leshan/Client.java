// One LwM2M Client without security on the libraries of Eclipse Leshan: Device (3) and Temperature (3303).
//   --url coap://127.0.0.1:5683   the LwM2M Server
//   --name leshan                 Endpoint Client Name
//   -t 1000                       milliseconds between two temperatures, 0 for a constant one
//   -l 300                        lifetime in seconds
// Says "registered" when it is, and "deregistered" after it was asked to stop (SIGTERM).
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.Date;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.eclipse.leshan.client.LeshanClient;
import org.eclipse.leshan.client.LeshanClientBuilder;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.observer.LwM2mClientObserverAdapter;
import org.eclipse.leshan.client.resource.BaseInstanceEnabler;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.LwM2mId;
import org.eclipse.leshan.core.ResponseCode;
import org.eclipse.leshan.core.model.LwM2mModelRepository;
import org.eclipse.leshan.core.model.ObjectLoader;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.ResourceModel;
import org.eclipse.leshan.core.model.ResourceModel.Operations;
import org.eclipse.leshan.core.model.ResourceModel.Type;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.request.BindingMode;
import org.eclipse.leshan.core.request.DeregisterRequest;
import org.eclipse.leshan.core.request.RegisterRequest;
import org.eclipse.leshan.core.request.argument.Arguments;
import org.eclipse.leshan.core.response.ExecuteResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.core.response.WriteResponse;
import org.eclipse.leshan.transport.californium.client.endpoint.CaliforniumClientEndpointsProvider;
import org.eclipse.leshan.transport.californium.client.endpoint.coap.CoapClientProtocolProvider;

public class Client {
    static final int TEMPERATURE = 3303;
    static final int SHORT_SERVER_ID = 123;

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
        public List<Integer> getAvailableResourceIds(ObjectModel model) {
            return List.of(5700, 5701);
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
        long lifetime = Long.parseLong(options.getOrDefault("-l", "300"));

        Temperature temperature = new Temperature();
        LeshanClient client = client(name, url, lifetime, temperature);
        client.addObserver(new LwM2mClientObserverAdapter() {
            @Override
            public void onRegistrationSuccess(LwM2mServer server, RegisterRequest request, String id) {
                System.out.println("registered as " + id);
            }

            @Override
            public void onRegistrationFailure(LwM2mServer server, RegisterRequest request, ResponseCode code,
                    String message, Exception cause) {
                System.out.println("registration refused: " + code + " " + message);
            }

            @Override
            public void onRegistrationTimeout(LwM2mServer server, RegisterRequest request) {
                System.out.println("registration timed out");
            }

            @Override
            public void onDeregistrationSuccess(LwM2mServer server, DeregisterRequest request) {
                System.out.println("deregistered");
            }
        });
        Runtime.getRuntime().addShutdownHook(new Thread(() -> client.destroy(true)));
        client.start();
        if (period > 0) {
            ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();
            clock.scheduleAtFixedRate(temperature::step, period, period, TimeUnit.MILLISECONDS);
        }
        Thread.currentThread().join();
    }

    static LeshanClient client(String name, String url, long lifetime, Temperature temperature) throws Exception {
        List<ObjectModel> models = new ArrayList<>(ObjectLoader.loadAllDefault());
        models.removeIf(model -> model.id == TEMPERATURE);
        models.add(new ObjectModel(TEMPERATURE, "Temperature", "", "1.1", true, false,
                resource(5700, "Sensor Value", Operations.R, Type.FLOAT),
                resource(5701, "Sensor Units", Operations.R, Type.STRING)));
        ObjectsInitializer objects = new ObjectsInitializer(new LwM2mModelRepository(models).getLwM2mModel());
        objects.setInstancesForObject(LwM2mId.SECURITY, Security.noSec(url, SHORT_SERVER_ID));
        objects.setInstancesForObject(LwM2mId.SERVER,
                new Server(SHORT_SERVER_ID, lifetime, EnumSet.of(BindingMode.U), false, BindingMode.U));
        objects.setInstancesForObject(LwM2mId.DEVICE, new Device());
        objects.setInstancesForObject(TEMPERATURE, temperature);

        CaliforniumClientEndpointsProvider.Builder endpoints =
                new CaliforniumClientEndpointsProvider.Builder(new CoapClientProtocolProvider());
        endpoints.setConfiguration(endpoints.createDefaultConfiguration());
        endpoints.setClientAddress(InetAddress.getLoopbackAddress());

        LeshanClientBuilder builder = new LeshanClientBuilder(name);
        builder.setObjects(objects.createAll());
        builder.setEndpointsProviders(endpoints.build());
        return builder.build();
    }

    static ResourceModel resource(int id, String name, Operations operations, Type type) {
        return new ResourceModel(id, name, operations, false, false, type, null, null, "");
    }
}
