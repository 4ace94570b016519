import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.elasticsearch.common.logging.LogConfigurator;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.env.Environment;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.PluginsLoader;

/** One real Elasticsearch node from jars: HOME DATA HTTP_PORT TRANSPORT_PORT. Prints READY. */
public class ElasticsearchNode {
  public static void main(String[] args) throws Exception {
    Path home = Path.of(args[0]);
    LogConfigurator.configureESLogging();
    LogConfigurator.configureWithoutConfig(Settings.EMPTY);
    Settings settings = Settings.builder()
        .put("path.home", home).put("path.data", args[1])
        .put("cluster.name", "engines").put("node.name", "node-1").put("discovery.type", "single-node")
        .put("cluster.routing.allocation.disk.threshold_enabled", false)
        .put("network.host", "127.0.0.1").put("http.port", args[2]).put("transport.port", args[3])
        .put("http.type", "netty4").put("transport.type", "netty4").build();
    Node node = new Node(new Environment(settings, home.resolve("config")),
        PluginsLoader.createPluginsLoader(cast(modules(home.resolve("modules"))), Set.of(), Map.of()));
    Runtime.getRuntime().addShutdownHook(new Thread(() -> { try { node.close(); } catch (Exception ignored) { } }));
    node.start();
    System.out.println("READY");
    Thread.currentThread().join();
  }

  /** 9.x asks whether to fail on a missing folder, 8.19 does not. */
  private static Object modules(Path folder) throws Exception {
    for (Method method : PluginsLoader.class.getMethods())
      if (method.getName().equals("loadModulesBundles"))
        return method.getParameterCount() == 1 ? method.invoke(null, folder) : method.invoke(null, folder, false);
    throw new IllegalStateException("PluginsLoader.loadModulesBundles is gone");
  }

  @SuppressWarnings("unchecked")
  private static <T> T cast(Object found) {
    return (T) found;
  }
}
