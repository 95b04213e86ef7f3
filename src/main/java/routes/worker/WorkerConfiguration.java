package routes.worker;

import java.util.concurrent.BlockingQueue;
import org.apache.camel.Component;
import org.apache.camel.Exchange;
import org.apache.camel.component.seda.BlockingQueueFactory;
import org.apache.camel.component.seda.SedaComponent;
import org.apache.camel.spi.ComponentCustomizer;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

/** What the workers are made of. */
@Configuration(proxyBeanMethods = false)
class WorkerConfiguration {

    /** The queues of the workers, whose number can be changed. */
    @Bean("seda-component")
    SedaComponent workerPools(ObjectProvider<HandOver> handOver) {
        return new WorkerPool.Pools(group -> handOver.getObject().giveBack(group));
    }

    /** The queues of the workers are {@linkplain FairQueue fair ones}. */
    @Bean
    ComponentCustomizer fairQueues() {
        return new ComponentCustomizer() {
            @Override
            public boolean isEnabled(String name, Component target) {
                return target instanceof SedaComponent;
            }

            @Override
            public void configure(String name, Component target) {
                SedaComponent seda = (SedaComponent) target;
                seda.setDefaultQueueFactory(new BlockingQueueFactory<>() {
                    @Override
                    public BlockingQueue<Exchange> create() {
                        return create(seda.getQueueSize());
                    }

                    @Override
                    public BlockingQueue<Exchange> create(int capacity) {
                        return new FairQueue(capacity);
                    }
                });
            }
        };
    }
}
