package routes.operation;

import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.actuate.endpoint.EndpointId;
import org.springframework.boot.actuate.endpoint.OperationType;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvoker;
import org.springframework.boot.actuate.endpoint.invoke.OperationInvokerAdvisor;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameter;
import org.springframework.boot.actuate.endpoint.invoke.OperationParameters;
import org.springframework.dao.DataAccessException;
import org.springframework.stereotype.Component;
import org.springframework.transaction.TransactionException;

/**
 * What holds for all operations, over HTTP and JMX. A change that names a field that it does not have is refused: Actuator would ignore the
 * field, and what was meant for one campaign would happen to all. Without the database they say so.
 */
@Component
class OperationRules implements OperationInvokerAdvisor {

    private static final Logger LOG = LoggerFactory.getLogger(OperationRules.class);

    @Override
    public OperationInvoker apply(
            EndpointId endpoint, OperationType type, OperationParameters parameters, OperationInvoker invoker) {
        // A proxy or a probe may add a parameter to what only reads.
        OperationInvoker checked = type == OperationType.READ ? invoker : withoutUnknown(parameters, invoker);
        return context -> {
            try {
                return checked.invoke(context);
            } catch (DataAccessException | TransactionException e) {
                LOG.warn("The operation {} failed, since the database did", endpoint, e);
                throw Arguments.unavailable("the database is unavailable: try again later");
            }
        };
    }

    private static OperationInvoker withoutUnknown(OperationParameters parameters, OperationInvoker invoker) {
        Set<String> known = parameters.stream().map(OperationParameter::getName).collect(Collectors.toSet());
        String fields = parameters.stream()
                .filter(some -> some.getAnnotation(Selector.class) == null)
                .map(OperationParameter::getName)
                .collect(Collectors.joining(", "));
        return context -> {
            Set<String> unknown = new TreeSet<>(context.getArguments().keySet());
            unknown.removeAll(known);
            if (!unknown.isEmpty()) {
                throw Arguments.wrong(String.join(", ", unknown), "is unknown: there are only " + fields);
            }
            return invoker.invoke(context);
        };
    }
}
