import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.Principal;
import java.util.HexFormat;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import javax.crypto.SecretKey;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.TlsKeyLog;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.Random;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;
import org.eclipse.californium.scandium.dtls.pskstore.SinglePskStore;

/** Scandium PORT SERVER_PORT KEYLOG SUITE CLIENT_CID SERVER_CID: one exchange, with ids of so many bytes. */
public class Scandium {
    public static void main(String[] arguments) throws Exception {
        int port = Integer.parseInt(arguments[0]), serverPort = Integer.parseInt(arguments[1]);
        CipherSuite suite = CipherSuite.getTypeByName(arguments[3]);
        InetAddress here = InetAddress.getByName("127.0.0.1");
        DTLSConnector server = connector(new InetSocketAddress(here, serverPort), DtlsConfig.DtlsRole.SERVER_ONLY,
                suite, Integer.parseInt(arguments[5]), arguments[2] + ".server");
        DTLSConnector client = connector(new InetSocketAddress(here, 0), DtlsConfig.DtlsRole.CLIENT_ONLY, suite,
                Integer.parseInt(arguments[4]), arguments[2]);
        CountDownLatch answered = new CountDownLatch(2);
        server.setRawDataReceiver(data -> server.send(
                RawData.outbound("down to the client".getBytes(), data.getEndpointContext(), null, false)));
        client.setRawDataReceiver(data -> answered.countDown());
        server.start();
        client.start();
        for (int i = 0; i < 2; i++) {
            client.send(RawData.outbound("up to the server".getBytes(),
                    new AddressEndpointContext(new InetSocketAddress(here, port)), null, false));
            Thread.sleep(1000);
        }
        if (!answered.await(10, TimeUnit.SECONDS)) {
            System.err.println("no answer");
        }
        client.close(new InetSocketAddress(here, port));
        Thread.sleep(300);
        client.destroy();
        server.destroy();
    }

    static DTLSConnector connector(InetSocketAddress address, DtlsConfig.DtlsRole role, CipherSuite suite, int cid,
            String keyLog) throws Exception {
        DtlsConnectorConfig.Builder builder = new DtlsConnectorConfig.Builder(new Configuration());
        builder.setAddress(address);
        builder.set(DtlsConfig.DTLS_ROLE, role);
        builder.set(DtlsConfig.DTLS_RECOMMENDED_CIPHER_SUITES_ONLY, false);
        builder.setAsList(DtlsConfig.DTLS_CIPHER_SUITES, suite);
        builder.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, cid);
        builder.setTlsKeyLog(new TlsKeyLog() {
            @Override
            public void append(InetSocketAddress peer, Principal principal, Random random, SecretKey secret) {
                String line = "CLIENT_RANDOM " + hex(random.getBytes()) + " " + hex(secret.getEncoded()) + "\n";
                try {
                    Files.writeString(Path.of(keyLog), line, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                } catch (IOException error) {
                    throw new UncheckedIOException(error);
                }
            }

            @Override
            public void close() {
            }
        });
        builder.setPskStore(new SinglePskStore("device", new byte[] {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}));
        return new DTLSConnector(builder.build());
    }

    static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
