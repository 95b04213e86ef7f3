package routes.mail.report;

import org.apache.camel.support.LRUCacheFactory;
import org.apache.camel.support.processor.idempotent.MemoryIdempotentRepository;
import org.springframework.stereotype.Component;

/** Which mails were read since the start: a mailbox that cannot be written to, or cannot mark mails (POP3), is not read over and over. */
@Component("bouncesRead")
public class ReadMails extends MemoryIdempotentRepository {

    /** How many it remembers. Beyond that the oldest are read again, which changes nothing. */
    private static final int REMEMBERED = 100_000;

    ReadMails() {
        super(LRUCacheFactory.newLRUCache(REMEMBERED));
    }

    /** Asks only: Camel adds a hundred mails while it lists them, and reads none of them if the connection breaks meanwhile. */
    @Override
    public boolean add(String id) {
        return !contains(id);
    }

    /** A mail was read. Whether it is then marked or deleted does not matter. */
    public void remember(String id) {
        super.add(id);
    }
}
