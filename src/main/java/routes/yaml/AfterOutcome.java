package routes.yaml;

import java.util.List;
import org.apache.camel.ProducerTemplate;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import routes.delivery.Delivery;
import routes.delivery.Ended;
import routes.delivery.OutcomeListener;

/** The places {@code after-mail} and {@code after-reward}: steps of a file, in the transaction that writes outcomes to the ledger. */
@Configuration(proxyBeanMethods = false)
class AfterOutcome {

    @Bean
    OutcomeListener afterMail(ObjectProvider<ProducerTemplate> template) {
        return new Steps("email-workers", Place.AFTER_MAIL.id(), template);
    }

    @Bean
    OutcomeListener afterReward(ObjectProvider<ProducerTemplate> template) {
        return new Steps("reward-workers", Place.AFTER_REWARD.id(), template);
    }

    private record Steps(String group, String place, ObjectProvider<ProducerTemplate> template)
            implements OutcomeListener {

        @Override
        public boolean concerns(Delivery delivery) {
            return template.getObject().getCamelContext().getRoute(place) != null;
        }

        @Override
        public boolean isOfAFile() {
            return true;
        }

        /** The body is the list of {@link Ended}. What fails here is told to the place again while it may succeed, and otherwise logged. */
        @Override
        public void finished(List<Ended> ended) {
            if (ended.isEmpty() || !concerns(ended.get(0).delivery())) {
                return;
            }
            Exception failure = template.getObject()
                    .send("direct:" + place, exchange -> exchange.getMessage().setBody(ended))
                    .getException();
            if (failure != null) {
                throw failure instanceof RuntimeException its ? its : new IllegalStateException(failure);
            }
        }
    }
}
