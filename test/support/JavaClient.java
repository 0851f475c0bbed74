import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Connects to 127.0.0.1 at the given port and prints what became of the handshake. */
public class JavaClient {
  public static void main(String[] arguments) throws Exception {
    int port = Integer.parseInt(arguments[0]);
    try (SSLSocket socket =
        (SSLSocket) SSLSocketFactory.getDefault().createSocket("127.0.0.1", port)) {
      socket.startHandshake();
      System.out.println("agreed on " + socket.getSession().getProtocol());
    } catch (Exception error) {
      System.out.println(error.getMessage());
    }
  }
}
