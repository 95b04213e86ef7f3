package routes.worker;

import org.apache.camel.component.seda.SedaComponent;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** The beans that the workers need. */
@Configuration(proxyBeanMethods = false)
class WorkerConfiguration {

    @Bean("seda-component")
    SedaComponent workerQueues(ObjectProvider<HandOver> handOver) {
        return new WorkerQueues(group -> handOver.getObject().giveBack(group));
    }
}
