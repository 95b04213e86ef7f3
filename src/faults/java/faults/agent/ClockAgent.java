package faults.agent;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.instrument.ClassFileTransformer;
import java.lang.instrument.Instrumentation;
import java.lang.instrument.UnmodifiableClassException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.ProtectionDomain;
import java.util.stream.Stream;
import net.bytebuddy.jar.asm.ClassReader;
import net.bytebuddy.jar.asm.ClassVisitor;
import net.bytebuddy.jar.asm.ClassWriter;
import net.bytebuddy.jar.asm.MethodVisitor;
import net.bytebuddy.jar.asm.Opcodes;
import org.jspecify.annotations.Nullable;

/**
 * An agent that sets the wall clock of a JVM, and of no other process: in every class, Java's own among them, what asks the JVM for it
 * asks {@link SkewedClock} instead. {@link System#nanoTime()} and the waits that stand on it go on as they do on a machine whose clock
 * is set.
 */
public final class ClockAgent {

    private static final String CLOCK = SkewedClock.class.getName().replace('.', '/');
    private static final long INTERVAL_MILLIS = 200;

    private ClockAgent() {}

    /**
     * Called by the JVM before the service's own main.
     *
     * @param file says how many seconds the clock is ahead; read several times a second
     */
    public static void premain(String file, Instrumentation instrumentation) throws UnmodifiableClassException {
        Path ahead = Path.of(file);
        set(ahead);
        instrumentation.addTransformer(new Asking(), true);
        // Java's own have begun without it.
        instrumentation.retransformClasses(Stream.of(instrumentation.getAllLoadedClasses())
                .filter(loaded -> loaded.getClassLoader() == null && instrumentation.isModifiableClass(loaded))
                .toArray(Class<?>[]::new));
        Thread follower = new Thread(() -> follow(ahead), "clock");
        follower.setDaemon(true);
        follower.start();
    }

    private static void follow(Path ahead) {
        try {
            while (true) {
                set(ahead);
                Thread.sleep(INTERVAL_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void set(Path ahead) {
        try {
            SkewedClock.set(Long.parseLong(Files.readString(ahead).strip()) * 1_000);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Changes the classes that ask for the time. */
    private static final class Asking implements ClassFileTransformer {

        @Override
        public byte @Nullable [] transform(
                ClassLoader loader, String name, Class<?> redefined, ProtectionDomain domain, byte[] code) {
            if (CLOCK.equals(name) || !asks(code)) {
                return null;
            }
            ClassReader reader = new ClassReader(code);
            ClassWriter writer = new ClassWriter(reader, 0);
            reader.accept(new InClass(writer), 0);
            return writer.toByteArray();
        }

        private static boolean asks(byte[] code) {
            String text = new String(code, ISO_8859_1);
            return text.contains("currentTimeMillis") || text.contains("getNanoTimeAdjustment");
        }
    }

    private static final class InClass extends ClassVisitor {

        InClass(ClassVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public MethodVisitor visitMethod(
                int access,
                String name,
                String descriptor,
                @Nullable String signature,
                String @Nullable [] exceptions) {
            return new InMethod(super.visitMethod(access, name, descriptor, signature, exceptions));
        }
    }

    private static final class InMethod extends MethodVisitor {

        InMethod(MethodVisitor next) {
            super(Opcodes.ASM9, next);
        }

        @Override
        public void visitMethodInsn(int opcode, String owner, String name, String descriptor, boolean isInterface) {
            if (owner.equals("java/lang/System") && name.equals("currentTimeMillis")) {
                super.visitMethodInsn(opcode, CLOCK, "millis", "()J", false);
                return;
            }
            super.visitMethodInsn(opcode, owner, name, descriptor, isInterface);
            // The method itself, in jdk.internal.misc.VM, is native and calls nobody.
            if (owner.equals("jdk/internal/misc/VM") && name.equals("getNanoTimeAdjustment")) {
                super.visitMethodInsn(Opcodes.INVOKESTATIC, CLOCK, "nanos", "(J)J", false);
            }
        }
    }
}
