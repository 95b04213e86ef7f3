package routes.position;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import routes.OnPlatform;

/** Positions by the formula, which is what they are where no setting says otherwise. */
@OnPlatform
class PositionsIT extends RecalculationContract {

    @Autowired
    private PositionSettings settings;

    @Test
    void theFormulaIsTheMode() {
        assertThat(settings.mode()).isEqualTo(PositionSettings.Mode.FORMULA);
    }
}
