package shop;

import org.springframework.boot.CommandLineRunner;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;
import routes.event.EventPublisher;

/** Publishes that somebody signed up, and ends: {@code Shop <user id> <campaign id> <email>}. */
@SpringBootApplication
public class Shop {

    public static void main(String[] args) {
        SpringApplication.run(Shop.class, args).close();
    }

    @Bean
    CommandLineRunner signUp(EventPublisher events) {
        return args -> System.out.println(events.publishUserSignedUp(args[0], args[1], args[2]));
    }
}
